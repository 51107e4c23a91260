-- One row per tested customer x product of the order held out that the customer did not own yet:
-- what a list can get right.
with

orders as (

    select
        customer_id,
        order_id
    from {{ ref('int_orders_held_out') }}

),

order_items as (

    select
        order_id,
        product_id
    from {{ ref('fct_order_items') }}
    where is_sale and quantity > 0

),

products as (

    select product_id
    from {{ ref('int_recommendation_products') }}
    where not is_no_product

),

owned as (

    select
        customer_id,
        product_id
    from {{ ref('int_recommendation_purchases') }}
    where is_test and not is_repeatable

),

final as (

    select distinct
        orders.customer_id,
        order_items.product_id
    from orders
    inner join order_items on orders.order_id = order_items.order_id
    inner join products on order_items.product_id = products.product_id
    left join owned
        on
            orders.customer_id = owned.customer_id
            and order_items.product_id = owned.product_id
    where owned.product_id is null

)

select * from final
