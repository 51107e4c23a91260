-- One row per customer x fit period, as known when the period ended: what the customer lifetime
-- value models need. Sales of one day are one purchase. Customers whose first sale is later have no
-- row.
{{ config(materialized='table') }}
with

periods as (

    select
        fit_period,
        period_end_date
    from {{ ref('int_clv_periods') }}

),

orders as (

    select
        order_id,
        customer_id,
        order_date,
        net_sales
    from {{ ref('fct_orders') }}
    where is_sale and customer_id is not null

),

refunds as (

    select
        order_id,
        refund_date,
        order_date,
        amount
    from {{ ref('fct_refunds') }}
    where is_sale and customer_id is not null

),

-- A refund given after a period ended was not known yet; the hold-out knows all of its own.
refunds_known as (

    select
        periods.fit_period,
        refunds.order_id,
        sum(refunds.amount) as refunds
    from periods
    inner join refunds
        on
            periods.period_end_date >= refunds.refund_date
            or periods.period_end_date < refunds.order_date
    group by periods.fit_period, refunds.order_id

),

purchase_days as (

    select
        periods.fit_period,
        periods.period_end_date,
        orders.customer_id,
        orders.order_date,
        greatest(sum(orders.net_sales - coalesce(refunds_known.refunds, 0)), 0) as purchase_value
    from periods
    cross join orders
    left join refunds_known
        on
            periods.fit_period = refunds_known.fit_period
            and orders.order_id = refunds_known.order_id
    group by periods.fit_period, periods.period_end_date, orders.customer_id, orders.order_date

),

purchase_days_placed as (

    select
        fit_period,
        period_end_date,
        customer_id,
        order_date,
        purchase_value,
        order_date > period_end_date as is_holdout,
        order_date > min(order_date) over (partition by fit_period, customer_id) as is_repeat
    from purchase_days

),

days_summed_to_customer as (

    select
        fit_period,
        period_end_date,
        customer_id,
        sum(case when is_repeat and not is_holdout then 1 else 0 end) as repeat_purchases,
        sum(case when is_repeat and not is_holdout then purchase_value else 0 end) as repeat_value,
        sum(case when not is_holdout then purchase_value else 0 end) as total_value,
        sum(case when is_holdout then 1 else 0 end) as holdout_purchases,
        sum(case when is_holdout then purchase_value else 0 end) as holdout_value,
        min(order_date) as first_purchase_date,
        max(case when not is_holdout then order_date end) as last_purchase_date
    from purchase_days_placed
    group by fit_period, period_end_date, customer_id

),

days_counted as (

    select
        fit_period,
        customer_id,
        repeat_purchases,
        repeat_value,
        total_value,
        holdout_purchases,
        holdout_value,
        {{ dbt.datediff('first_purchase_date', 'last_purchase_date', 'day') }} as recency_days,
        {{ dbt.datediff('first_purchase_date', 'period_end_date', 'day') }} as age_days,
        first_purchase_date,
        last_purchase_date
    from days_summed_to_customer
    where last_purchase_date is not null

),

final as (

    select
        -- identifiers
        fit_period,
        customer_id,

        -- measures
        cast(repeat_purchases as bigint) as repeat_purchases,
        cast(recency_days as bigint) as recency_days,
        cast(age_days as bigint) as age_days,
        cast(age_days - recency_days as bigint) as silence_days,
        cast(recency_days as {{ dbt.type_float() }}) / {{ constant('clv_time_unit_days') }}
            as recency,
        cast(age_days as {{ dbt.type_float() }}) / {{ constant('clv_time_unit_days') }} as age,
        cast(
            cast(repeat_value as {{ dbt.type_float() }})
            / nullif(repeat_purchases, 0) as {{ dbt.type_float() }}
        ) as mean_repeat_value,
        cast(total_value as numeric(18, 2)) as total_value,
        cast(holdout_purchases as bigint) as holdout_purchases,
        cast(holdout_value as numeric(18, 2)) as holdout_value,

        -- metadata
        first_purchase_date,
        last_purchase_date
    from days_counted

)

select * from final
