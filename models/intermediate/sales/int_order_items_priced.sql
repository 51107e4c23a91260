-- One row per line of an order placed by the as-of date, with its money rounded to the cent.
-- cost_of_goods_sold uses the product's current cost; a product without one is costed at the cost
-- rate of its category, else of the shop (is_cost_imputed); null where the shop knows no cost.
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

category_cost_rates as (

    select
        category,
        {{ divide('sum(known_cost)', 'sum(gross_sales)', 6) }} as cost_rate
    from lines_of_orders
    where known_cost is not null and category is not null
    group by category

),

shop_cost_rate as (

    select {{ divide('sum(known_cost)', 'sum(gross_sales)', 6) }} as cost_rate
    from lines_of_orders
    where known_cost is not null

),

final as (

    select
        -- identifiers
        lines_of_orders.order_item_id,
        lines_of_orders.order_id,
        lines_of_orders.product_id,
        lines_of_orders.customer_id,

        -- measures
        lines_of_orders.quantity,
        lines_of_orders.unit_price,
        lines_of_orders.gross_sales,
        lines_of_orders.discounts,
        cast(lines_of_orders.gross_sales - lines_of_orders.discounts as numeric(18, 2))
            as net_sales,
        cast(coalesce(
            lines_of_orders.known_cost,
            lines_of_orders.gross_sales
            * coalesce(category_cost_rates.cost_rate, shop_cost_rate.cost_rate)
        ) as numeric(18, 2)) as cost_of_goods_sold,

        -- metadata
        lines_of_orders.is_sale,
        lines_of_orders.unit_price = 0 as is_free,
        (
            lines_of_orders.known_cost is null and shop_cost_rate.cost_rate is not null
        ) as is_cost_imputed,
        lines_of_orders.order_date,
        lines_of_orders.ordered_at
    from lines_of_orders
    cross join shop_cost_rate
    left join category_cost_rates on lines_of_orders.category = category_cost_rates.category

)

select * from final
