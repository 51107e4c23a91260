-- The newest order follows the others within a year. A date typed wrong would otherwise become the
-- clock of every mart and make all customers look lost: correct it, or set var as_of_date.
-- A warning, as a shop may really have been closed for a year.
{{ config(severity='warn') }}
with

days as (

    select distinct order_date
    from {{ ref('fct_orders') }}

),

days_compared as (

    select
        order_date,
        lag(order_date) over (order by order_date) as previous_order_date,
        row_number() over (order by order_date desc) as recency_rank
    from days

)

select *
from days_compared
where
    recency_rank = 1
    and {{ dbt.datediff('previous_order_date', 'order_date', 'day') }} > 365
