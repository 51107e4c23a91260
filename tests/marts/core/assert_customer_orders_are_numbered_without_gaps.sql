-- The sales of a customer are numbered 1, 2, 3 … in order of time, without gap or repetition.
with

orders as (

    select
        order_id,
        customer_id,
        ordered_at,
        customer_order_number
    from {{ ref('fct_orders') }}
    where is_sale and not is_guest

),

orders_compared as (

    select
        order_id,
        customer_order_number,
        lag(customer_order_number, 1, 0) over (
            partition by customer_id
            order by ordered_at, order_id
        ) as previous_number
    from orders

)

select *
from orders_compared
where customer_order_number is null or customer_order_number <> previous_number + 1
