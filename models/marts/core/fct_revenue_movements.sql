-- One row per movement of revenue on the day it happened: a line of a sale, a sale without lines,
-- or the part of a refund that falls on a line. Measures are signed and additive over everything.
-- The one place that dates money: every series of revenue sums it.
with

orders as (

    select
        order_id,
        customer_id,
        country,
        region,
        units,
        gross_sales,
        discounts,
        net_sales,
        cost_of_goods_sold,
        customer_order_number,
        order_lines,
        order_date
    from {{ ref('fct_orders') }}
    where is_sale

),

order_items as (

    select
        order_item_id,
        order_id,
        product_id,
        quantity,
        gross_sales,
        discounts,
        net_sales,
        cost_of_goods_sold
    from {{ ref('fct_order_items') }}
    where is_sale

),

refunds as (

    select
        refund_line_id,
        refund_id,
        order_id,
        order_item_id,
        product_id,
        amount,
        refund_date
    from {{ ref('fct_refunds') }}
    where is_sale

),

movements as (

    select
        'line ' || order_items.order_item_id as movement_id,
        'sale' as movement_type,
        order_items.order_id,
        order_items.order_item_id,
        cast(null as {{ dbt.type_string() }}) as refund_id,
        order_items.product_id,
        order_items.quantity as units,
        order_items.gross_sales,
        order_items.discounts,
        order_items.net_sales,
        0 as refunds,
        order_items.cost_of_goods_sold,
        orders.order_date as movement_date
    from order_items
    inner join orders on order_items.order_id = orders.order_id
    union all
    select
        'order ' || order_id as movement_id,
        'sale' as movement_type,
        order_id,
        null as order_item_id,
        null as refund_id,
        null as product_id,
        units,
        gross_sales,
        discounts,
        net_sales,
        0 as refunds,
        cost_of_goods_sold,
        order_date as movement_date
    from orders
    where order_lines = 0
    union all
    select
        'refund ' || refund_line_id as movement_id,
        'refund' as movement_type,
        order_id,
        order_item_id,
        refund_id,
        product_id,
        0 as units,
        0 as gross_sales,
        0 as discounts,
        0 as net_sales,
        amount as refunds,
        null as cost_of_goods_sold,
        refund_date as movement_date
    from refunds

),

final as (

    select
        -- identifiers
        movements.movement_id,
        movements.order_id,
        movements.order_item_id,
        movements.refund_id,
        movements.product_id,
        orders.customer_id,

        -- dimensions
        movements.movement_type,
        orders.country,
        orders.region,
        orders.customer_order_number,

        -- measures
        cast(movements.units as bigint) as units,
        cast(movements.gross_sales as numeric(18, 2)) as gross_sales,
        cast(movements.discounts as numeric(18, 2)) as discounts,
        cast(movements.net_sales as numeric(18, 2)) as net_sales,
        cast(movements.refunds as numeric(18, 2)) as refunds,
        cast(movements.net_sales - movements.refunds as numeric(18, 2)) as net_revenue,
        cast(movements.cost_of_goods_sold as numeric(18, 2)) as cost_of_goods_sold,

        -- metadata
        movements.movement_type = 'sale' as is_sale,
        orders.order_date,
        movements.movement_date,
        cast({{ dbt.date_trunc('month', 'movements.movement_date') }} as date) as movement_month
    from movements
    inner join orders on movements.order_id = orders.order_id

)

select * from final
