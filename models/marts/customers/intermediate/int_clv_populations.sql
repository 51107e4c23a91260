-- One row per fit period that has customers: how many there are, and the averages that stand in for
-- a customer lifetime value model which cannot be fitted.
{{ config(materialized='table') }}
with

history as (

    select
        fit_period,
        repeat_purchases,
        recency_days,
        age_days,
        silence_days,
        mean_repeat_value,
        total_value
    from {{ ref('int_customer_purchase_history') }}

),

gaps as (

    select
        fit_period,
        cast(sum(recency_days) as {{ dbt.type_float() }})
        / nullif(sum(repeat_purchases), 0) as mean_gap_days
    from history
    group by fit_period

),

sums as (

    select
        history.fit_period,
        count(*) as customers,
        sum(case when history.repeat_purchases > 0 then 1 else 0 end) as repeat_customers,
        sum(case when history.mean_repeat_value > 0 then 1 else 0 end) as valued_customers,
        sum(history.repeat_purchases) as repeat_purchases,
        sum(history.age_days) as age_days,
        sum(history.total_value) as total_value,
        {{ exact_sum('history.mean_repeat_value * history.repeat_purchases', 12) }}
            as repeat_value,
        -- 95 % of purchases that come at random follow the one before within three mean gaps
        sum(
            case
                when
                    history.repeat_purchases > 0
                    and history.silence_days <= 3 * gaps.mean_gap_days
                    then 1
                else 0
            end
        ) as repeat_customers_in_rhythm
    from history
    inner join gaps on history.fit_period = gaps.fit_period
    group by history.fit_period

),

final as (

    select
        fit_period,
        cast(customers as bigint) as customers,
        cast(repeat_customers as bigint) as repeat_customers,
        cast(valued_customers as bigint) as valued_customers,
        coalesce(
            cast(repeat_purchases as {{ dbt.type_float() }}) / nullif(age_days, 0), 0
        ) as mean_orders_per_day,
        coalesce(
            repeat_value / nullif(repeat_purchases, 0),
            cast(total_value as {{ dbt.type_float() }}) / (customers + repeat_purchases)
        ) as mean_order_value,
        cast(repeat_customers_in_rhythm + 1 as {{ dbt.type_float() }})
        / (repeat_customers + 2) as mean_probability_alive
    from sums

)

select * from final
