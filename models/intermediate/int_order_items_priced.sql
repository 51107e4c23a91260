-- One row per line of an order placed by the as-of date, with its money rounded to the cent.
-- known_cost uses the product's current cost; null where the catalogue has none.
{{ config(materialized='table') }}
with

orders as (

    select
        order_id,
        customer_id,
        is_sale,
        order_date,
        ordered_at
    from {{ ref('int_orders_classified') }}

),

order_items as (

    select
        order_item_id,
        order_id,
        product_id,
        quantity,
        unit_price,
        discount_amount
    from {{ ref('stg_order_items') }}

),

products as (

    select
        product_id,
        category,
        cost
    from {{ ref('stg_products') }}

),

lines_of_orders as (

    select
        order_items.order_item_id,
        order_items.order_id,
        order_items.product_id,
        orders.customer_id,
        products.category,
        order_items.quantity,
        order_items.unit_price,
        cast(
            cast(order_items.quantity as numeric(18, 0)) * order_items.unit_price
            as numeric(18, 2)
        ) as gross_sales,
        cast(coalesce(order_items.discount_amount, 0) as numeric(18, 2)) as discounts,
        cast(
            cast(order_items.quantity as numeric(18, 0)) * products.cost as numeric(18, 2)
        ) as known_cost,
        orders.is_sale,
        orders.order_date,
        orders.ordered_at
    from order_items
    inner join orders on order_items.order_id = orders.order_id
    left join products on order_items.product_id = products.product_id

),

final as (

    select
        -- identifiers
        order_item_id,
        order_id,
        product_id,
        customer_id,

        -- dimensions
        category,

        -- measures
        quantity,
        unit_price,
        gross_sales,
        discounts,
        cast(gross_sales - discounts as numeric(18, 2)) as net_sales,
        known_cost,

        -- metadata
        is_sale,
        order_date,
        ordered_at
    from lines_of_orders

)

select * from final
