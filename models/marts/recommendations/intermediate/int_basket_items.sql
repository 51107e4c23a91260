-- One row per basket x item at var basket_item_level, for the baskets that are not kept out.
with

baskets as (

    select order_id
    from {{ ref('int_baskets_sized') }}
    where not is_kept_out

),

order_items as (

    select
        order_id,
        product_id,
        net_sales,
        cost_of_goods_sold
    from {{ ref('fct_order_items') }}
    where is_sale and quantity > 0

),

products as (

    select
        product_id,
        item_key
    from {{ ref('int_basket_catalogue') }}

),

final as (

    select
        order_items.order_id,
        products.item_key,
        cast(sum(order_items.net_sales - order_items.cost_of_goods_sold) as numeric(18, 2))
            as item_margin
    from order_items
    inner join baskets on order_items.order_id = baskets.order_id
    inner join products on order_items.product_id = products.product_id
    group by order_items.order_id, products.item_key

)

select * from final
