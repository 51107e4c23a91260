-- What a product is recommended for, the customer bought: the product that is named, or something
-- of the category.
with

recommendations as (

    select
        customer_id,
        recommendation_rank,
        because_product_id,
        category,
        reason_type
    from {{ ref('customer_recommendations') }}

),

order_items as (

    select distinct
        customer_id,
        product_id
    from {{ ref('fct_order_items') }}
    where is_sale and quantity > 0 and customer_id is not null

),

products as (

    select
        product_id,
        category
    from {{ ref('dim_products') }}

),

categories_bought as (

    select distinct
        order_items.customer_id,
        products.category
    from order_items
    inner join products on order_items.product_id = products.product_id

)

select recommendations.*
from recommendations
left join order_items
    on
        recommendations.customer_id = order_items.customer_id
        and recommendations.because_product_id = order_items.product_id
left join categories_bought
    on
        recommendations.customer_id = categories_bought.customer_id
        and recommendations.category = categories_bought.category
where
    (recommendations.reason_type = 'bought_by_similar_customers')
    <> (order_items.product_id is not null)
    or (
        recommendations.reason_type = 'favorite_category'
        and categories_bought.category is null
    )
