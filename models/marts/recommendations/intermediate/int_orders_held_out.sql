-- One row per customer on whom the recommendations are tested: the newest order, which the test
-- holds back.
with

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
        order_id,
        row_number() over (order by md5(customer_id), customer_id) as draw
    from orders_newest_first
    where recency_rank = 1 and orders > 1

),

final as (

    select
        customer_id,
        order_id
    from drawn
    where draw <= {{ recommendation_test_customers() }}

)

select * from final
