-- One row: the clock of the whole project. as_of_date is var as_of_date, else the date of the
-- newest order; no row in a shop without orders.
with

orders as (

    select ordered_at
    from {{ ref('stg_orders') }}

),

clock as (

    select
        {%- if var('as_of_date') %}
        cast('{{ var("as_of_date") }}' as date) as as_of_date
        {%- else %}
        cast(max(ordered_at) as date) as as_of_date
        {%- endif %},
        cast(min(ordered_at) as date) as first_order_date
    from orders

),

final as (

    select
        as_of_date,
        first_order_date,
        cast({{ dbt.date_trunc('month', 'as_of_date') }} as date) as as_of_month,
        cast({{ dbt.date_trunc('month', 'first_order_date') }} as date) as first_order_month
    from clock
    where first_order_date <= as_of_date

)

select * from final
