-- One row per group of repeat customers with the same number of purchases and mean value, for the
-- search of the Gamma-Gamma parameters. Up to constant clv_exact_customers customers a group is one
-- mean value; in larger shops values within 1 % of each other fall into one group, which takes
-- their mean. Customers whose repeat purchases were worth nothing have no group.
{{ config(materialized='table') }}
with

populations as (

    select
        fit_period,
        customers > {{ constant('clv_exact_customers') }} as is_grouped
    from {{ ref('int_clv_populations') }}

),

history as (

    select
        fit_period,
        repeat_purchases,
        mean_repeat_value
    from {{ ref('int_customer_purchase_history') }}
    where mean_repeat_value > 0

),

history_grouped as (

    select
        history.fit_period,
        history.repeat_purchases,
        history.mean_repeat_value,
        case
            when populations.is_grouped then floor(100 * ln(history.mean_repeat_value))
            else history.mean_repeat_value
        end as value_group
    from history
    inner join populations on history.fit_period = populations.fit_period

),

final as (

    select
        fit_period,
        repeat_purchases,
        value_group,
        cast(count(*) as bigint) as customers,
        {{ exact_avg('mean_repeat_value') }} as mean_repeat_value,
        {{ exact_sum('ln(mean_repeat_value)') }} as log_mean_repeat_value
    from history_grouped
    group by fit_period, repeat_purchases, value_group

)

select * from final
