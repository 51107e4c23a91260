-- Every customer gets a full list, or every product there is for them.
with

lists as (

    select
        customer_id,
        count(*) as products
    from {{ ref('customer_recommendations') }}
    group by customer_id

),

customers as (

    select customer_id
    from {{ ref('dim_customers') }}

),

products as (

    select product_id
    from {{ ref('int_recommendation_products') }}
    where is_available

),

products_counted as (

    select count(*) as products
    from products

),

order_items as (

    select
        customer_id,
        product_id
    from {{ ref('fct_order_items') }}
    where is_sale and quantity > 0

),

owned as (

    select
        order_items.customer_id,
        count(distinct order_items.product_id) as products
    from order_items
    inner join products on order_items.product_id = products.product_id
    group by order_items.customer_id

)

select
    customers.customer_id,
    lists.products
from customers
cross join products_counted
left join lists on customers.customer_id = lists.customer_id
left join owned on customers.customer_id = owned.customer_id
where
    coalesce(lists.products, 0) < least(
        {{ var('recommendations_per_customer') }},
        products_counted.products - coalesce(owned.products, 0)
    )
