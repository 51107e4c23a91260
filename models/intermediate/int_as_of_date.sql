-- One row: the clock of the whole project. as_of_date is var as_of_date, else the newest day with a
-- sale or a refund of one; in a shop that never sold, the date of the newest order. No row in a
-- shop without orders.
with

orders as (

    select
        order_id,
        is_sale,
        cast(ordered_at as date) as order_date
    from {{ ref('stg_orders') }}

),

refunds as (

    select
        order_id,
        cast(refunded_at as date) as refund_date
    from {{ ref('stg_refunds') }}

),

newest_refund as (

    select max(refunds.refund_date) as refund_date
    from refunds
    inner join orders on refunds.order_id = orders.order_id
    where orders.is_sale

),

-- A pending order dated next year, or cancelled ones after the last sale, do not move the clock.
orders_summed as (

    select
        min(order_date) as first_order_date,
        max(order_date) as last_order_date,
        max(case when is_sale then order_date end) as last_sale_date
    from orders

),

clock as (

    select
        {%- if var('as_of_date') %}
        cast('{{ var("as_of_date") }}' as date) as as_of_date,
        {%- else %}
        coalesce(
            greatest(orders_summed.last_sale_date, newest_refund.refund_date),
            orders_summed.last_sale_date,
            orders_summed.last_order_date
        ) as as_of_date,
        {%- endif %}
        orders_summed.first_order_date
    from orders_summed
    cross join newest_refund

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
