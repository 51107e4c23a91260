-- One row per channel x month from the first order to the as-of date: what a channel cost, what it
-- brought, and the revenue that three ways of attribution give it. Sales without a known session
-- are the channel unattributed; each attribution adds up to the net revenue of the month's sales.
with

clock as (

    select
        as_of_month,
        first_order_month
    from {{ ref('int_as_of_date') }}

),

months as (

    select distinct
        month_start_date,
        is_month_complete
    from {{ ref('dim_dates') }}

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
        channel,
        spend,
        impressions,
        clicks,
        cast({{ dbt.date_trunc('month', 'spend_date') }} as date) as activity_month
    from {{ ref('int_marketing_spend_dated') }}

),

orders as (

    select
        order_id,
        customer_id,
        customer_order_number,
        net_revenue,
        gross_margin,
        cast({{ dbt.date_trunc('month', 'order_date') }} as date) as activity_month
    from {{ ref('fct_orders') }}
    where is_sale and not is_guest

),

customers as (

    select
        customer_id,
        acquisition_channel
    from {{ ref('dim_customers') }}

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

spend_summed as (

    select
        activity_month,
        channel,
        sum(spend) as spend,
        sum(impressions) as impressions,
        sum(clicks) as clicks
    from marketing_spend
    group by activity_month, channel

),

value_to_date as (

    select
        customer_id,
        sum(net_revenue) as net_revenue,
        case when count(*) = count(gross_margin) then sum(gross_margin) end as gross_margin
    from orders
    group by customer_id

),

first_touches as (

    select
        order_id,
        channel
    from attribution
    where touch_number = 1

),

-- The shop's own word on who won a customer, else the first session before the first sale.
customers_acquired as (

    select
        orders.activity_month,
        coalesce(customers.acquisition_channel, first_touches.channel) as channel,
        coalesce(value_to_date.gross_margin, value_to_date.net_revenue) as customer_value
    from orders
    inner join customers on orders.customer_id = customers.customer_id
    inner join first_touches on orders.order_id = first_touches.order_id
    inner join value_to_date on orders.customer_id = value_to_date.customer_id
    where orders.customer_order_number = 1

),

customers_summed as (

    select
        activity_month,
        channel,
        count(*) as new_customers,
        sum(customer_value) as customer_value
    from customers_acquired
    group by activity_month, channel

),

channels as (

    select channel from attribution_summed
    union
    select channel from sessions_summed
    union
    select channel from spend_summed
    union
    select channel from customers_summed
    union
    select 'unattributed' as channel

),

channel_months as (

    select
        channels.channel,
        months.month_start_date as activity_month,
        months.is_month_complete as is_complete
    from channels
    cross join months
    inner join clock
        on months.month_start_date between clock.first_order_month and clock.as_of_month

),

counted as (

    select
        channel_months.channel,
        channel_months.activity_month,
        channel_months.is_complete,
        coalesce(spend_summed.spend, 0) as spend,
        coalesce(spend_summed.impressions, 0) as impressions,
        coalesce(spend_summed.clicks, 0) as clicks,
        coalesce(sessions_summed.sessions, 0) as sessions,
        coalesce(sessions_summed.converted_sessions, 0) as converted_sessions,
        coalesce(attribution_summed.orders, 0) as orders,
        coalesce(attribution_summed.first_touch_revenue, 0) as first_touch_revenue,
        coalesce(attribution_summed.last_touch_revenue, 0) as last_touch_revenue,
        coalesce(attribution_summed.linear_revenue, 0) as linear_revenue,
        coalesce(customers_summed.new_customers, 0) as new_customers,
        coalesce(customers_summed.customer_value, 0) as customer_value
    from channel_months
    left join spend_summed
        on
            channel_months.activity_month = spend_summed.activity_month
            and channel_months.channel = spend_summed.channel
    left join sessions_summed
        on
            channel_months.activity_month = sessions_summed.activity_month
            and channel_months.channel = sessions_summed.channel
    left join attribution_summed
        on
            channel_months.activity_month = attribution_summed.activity_month
            and channel_months.channel = attribution_summed.channel
    left join customers_summed
        on
            channel_months.activity_month = customers_summed.activity_month
            and channel_months.channel = customers_summed.channel

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
        {{ divide('customer_value', 'new_customers') }} as value_per_new_customer,
        {{ divide('customer_value', 'spend', 6) }} as clv_cac_ratio,

        -- metadata
        is_complete
    from counted

)

select * from final
