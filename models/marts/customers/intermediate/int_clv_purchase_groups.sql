-- One row per group of customers with the same purchase history, which the search for parameters
-- weighs instead of single customers. Up to constant clv_exact_customers customers a group is one
-- history to the day; in larger shops constant clv_group_days days of recency and of age fall into
-- one group, which takes the means of its members. Spans below eight such intervals stay to the day
-- there: they are where the likelihood bends, and recent customers are many.
{{ config(materialized='table') }}
with

populations as (

    select
        fit_period,
        case
            when customers > {{ constant('clv_exact_customers') }}
                then {{ constant('clv_group_days') }}
            else 1
        end as group_days
    from {{ ref('int_clv_populations') }}

),

history as (

    select
        fit_period,
        repeat_purchases,
        recency_days,
        age_days,
        recency,
        age
    from {{ ref('int_customer_purchase_history') }}

),

history_grouped as (

    select
        history.fit_period,
        history.repeat_purchases,
        {%- for days in ['recency_days', 'age_days'] %}
        history.{{ days }} - case
            when history.{{ days }} >= 8 * populations.group_days
                then history.{{ days }} % populations.group_days
            else 0
        end as {{ days }},
        {%- endfor %}
        history.recency,
        history.age
    from history
    inner join populations on history.fit_period = populations.fit_period

),

final as (

    select
        fit_period,
        repeat_purchases,
        recency_days,
        age_days,
        cast(count(*) as bigint) as customers,
        {{ exact_avg('recency') }} as recency,
        {{ exact_avg('age') }} as age
    from history_grouped
    group by fit_period, repeat_purchases, recency_days, age_days

)

select * from final
