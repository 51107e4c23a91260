-- One row per customer, numbered; holdout_order_id is the newest order of those on whom the
-- recommendations are tested, null for the others.
{{ config(materialized='table') }}
with

customers as (

    select customer_id
    from {{ ref('dim_customers') }}

),

orders as (

    select
        order_id,
        customer_id,
        ordered_at
    from {{ ref('fct_orders') }}
    where is_sale and customer_id is not null

),

orders_newest_first as (

    select
        order_id,
        customer_id,
        row_number() over (
            partition by customer_id
            order by ordered_at desc, order_id desc
        ) as recency_rank,
        count(*) over (partition by customer_id) as orders
    from orders

),

-- A draw by the hash of the key is the same on every engine and in every run.
drawn as (

    select
        customer_id,
        order_id as holdout_order_id,
        row_number() over (order by md5(customer_id), customer_id) as draw
    from orders_newest_first
    where recency_rank = 1 and orders > 1

),

final as (

    select
        customers.customer_id,
        cast(row_number() over (order by customers.customer_id) as integer) as customer_number,
        drawn.holdout_order_id
    from customers
    left join drawn
        on
            customers.customer_id = drawn.customer_id
            and drawn.draw <= {{ var('recommendation_test_customers') }}

)

select * from final
