-- One row per channel x month from the first order to the as-of date: what a channel cost, what it
-- brought, and the revenue that three ways of attribution give it. Sales without a known session
-- are the channel unattributed; each attribution adds up to the net revenue of the month's sales.
with

months as (

    select
        month_start_date,
        is_complete
    from {{ ref('dim_months') }}

),

attribution as (

    select
        order_id,
        channel,
        touch_number,
        touches,
        first_touch_revenue,
        last_touch_revenue,
        linear_revenue,
        cast({{ dbt.date_trunc('month', 'order_date') }} as date) as activity_month
    from {{ ref('order_attribution') }}

),

sessions as (

    select
        channel,
        is_converted,
        cast({{ dbt.date_trunc('month', 'session_date') }} as date) as activity_month
    from {{ ref('fct_sessions') }}

),

marketing_spend as (

    select
        spend_month as activity_month,
        channel,
        sum(spend) as spend,
        sum(impressions) as impressions,
        sum(clicks) as clicks
    from {{ ref('fct_marketing_spend') }}
    group by spend_month, channel

),

customers_acquired as (

    select
        channel,
        activity_month,
        new_customers,
        new_customer_margin,
        new_customer_clv
    from {{ ref('int_customers_acquired') }}

),

attribution_summed as (

    select
        activity_month,
        channel,
        sum(case when touch_number = greatest(touches, 1) then 1 else 0 end) as orders,
        sum(first_touch_revenue) as first_touch_revenue,
        sum(last_touch_revenue) as last_touch_revenue,
        sum(linear_revenue) as linear_revenue
    from attribution
    group by activity_month, channel

),

sessions_summed as (

    select
        activity_month,
        channel,
        count(*) as sessions,
        sum(case when is_converted then 1 else 0 end) as converted_sessions
    from sessions
    group by activity_month, channel

),

channels as (

    select channel from attribution_summed
    union
    select channel from sessions_summed
    union
    select channel from marketing_spend
    union
    select channel from customers_acquired
    union
    select 'unattributed' as channel

),

channel_months as (

    select
        channels.channel,
        months.month_start_date as activity_month,
        months.is_complete
    from channels
    cross join months

),

counted as (

    select
        channel_months.channel,
        channel_months.activity_month,
        channel_months.is_complete,
        coalesce(marketing_spend.spend, 0) as spend,
        coalesce(marketing_spend.impressions, 0) as impressions,
        coalesce(marketing_spend.clicks, 0) as clicks,
        coalesce(sessions_summed.sessions, 0) as sessions,
        coalesce(sessions_summed.converted_sessions, 0) as converted_sessions,
        coalesce(attribution_summed.orders, 0) as orders,
        coalesce(attribution_summed.first_touch_revenue, 0) as first_touch_revenue,
        coalesce(attribution_summed.last_touch_revenue, 0) as last_touch_revenue,
        coalesce(attribution_summed.linear_revenue, 0) as linear_revenue,
        coalesce(customers_acquired.new_customers, 0) as new_customers,
        customers_acquired.new_customer_margin,
        customers_acquired.new_customer_clv
    from channel_months
    left join marketing_spend
        on
            channel_months.activity_month = marketing_spend.activity_month
            and channel_months.channel = marketing_spend.channel
    left join sessions_summed
        on
            channel_months.activity_month = sessions_summed.activity_month
            and channel_months.channel = sessions_summed.channel
    left join attribution_summed
        on
            channel_months.activity_month = attribution_summed.activity_month
            and channel_months.channel = attribution_summed.channel
    left join customers_acquired
        on
            channel_months.activity_month = customers_acquired.activity_month
            and channel_months.channel = customers_acquired.channel

),

final as (

    select
        -- dimensions
        channel,
        activity_month,

        -- measures
        cast(spend as numeric(18, 2)) as spend,
        cast(impressions as bigint) as impressions,
        cast(clicks as bigint) as clicks,
        cast(sessions as bigint) as sessions,
        cast(converted_sessions as bigint) as converted_sessions,
        {{ divide('converted_sessions', 'sessions', 6) }} as conversion_rate,
        cast(orders as bigint) as orders,
        cast(first_touch_revenue as numeric(18, 2)) as first_touch_revenue,
        cast(last_touch_revenue as numeric(18, 2)) as last_touch_revenue,
        cast(linear_revenue as numeric(18, 2)) as linear_revenue,
        cast(new_customers as bigint) as new_customers,
        cast(case when spend > 0 then {{ divide('spend', 'new_customers') }} end as numeric(18, 2))
            as customer_acquisition_cost,
        {{ divide('first_touch_revenue', 'spend', 6) }} as first_touch_roas,
        {{ divide('last_touch_revenue', 'spend', 6) }} as last_touch_roas,
        {{ divide('linear_revenue', 'spend', 6) }} as linear_roas,
        new_customer_margin,
        new_customer_clv,
        {{ divide('new_customer_clv', 'new_customers') }} as clv_per_new_customer,
        {{ divide('new_customer_margin', 'spend', 6) }} as margin_cac_ratio,
        {{ divide('new_customer_clv', 'spend', 6) }} as clv_cac_ratio,

        -- metadata
        is_complete
    from counted

)

select * from final
