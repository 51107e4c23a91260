-- No list offers what is out of stock, discontinued, no product, or already owned and not bought
-- again.
with

recommendations as (

    select
        customer_id,
        product_id
    from {{ ref('customer_recommendations') }}
    union all
    select
        null as customer_id,
        recommended_product_id as product_id
    from {{ ref('product_recommendations') }}

),

products as (

    select
        product_id,
        is_available,
        is_repeatable
    from {{ ref('int_recommendation_products') }}

),

owned as (

    select distinct
        customer_id,
        product_id
    from {{ ref('fct_order_items') }}
    where is_sale and quantity > 0 and customer_id is not null

)

select recommendations.*
from recommendations
left join products on recommendations.product_id = products.product_id
left join owned
    on
        recommendations.customer_id = owned.customer_id
        and recommendations.product_id = owned.product_id
where
    not coalesce(products.is_available, false)
    or (owned.product_id is not null and not products.is_repeatable)
