-- One row per order line. Every measure is additive; lines of orders that are not sales keep their
-- measures, so filter on is_sale. Orders without lines are in fct_orders only.
with

order_items as (

    select
        order_item_id,
        order_id,
        product_id,
        customer_id,
        quantity,
        unit_price,
        gross_sales,
        discounts,
        net_sales,
        cost_of_goods_sold,
        is_sale,
        is_free,
        is_cost_imputed,
        order_date,
        ordered_at
    from {{ ref('int_order_items_priced') }}

),

refunds_summed_to_line as (

    select
        order_item_id,
        sum(amount) as refunds
    from {{ ref('int_refunds_allocated') }}
    where order_item_id is not null
    group by order_item_id

),

items_refunded as (

    select
        order_items.order_item_id,
        coalesce(refunds_summed_to_line.refunds, 0) as refunds
    from order_items
    left join refunds_summed_to_line
        on order_items.order_item_id = refunds_summed_to_line.order_item_id

),

final as (

    select
        -- identifiers
        order_items.order_item_id,
        order_items.order_id,
        order_items.product_id,
        order_items.customer_id,

        -- measures
        cast(order_items.quantity as bigint) as quantity,
        order_items.unit_price,
        order_items.gross_sales,
        order_items.discounts,
        cast(order_items.net_sales as numeric(18, 2)) as net_sales,
        cast(items_refunded.refunds as numeric(18, 2)) as refunds,
        cast(order_items.net_sales - items_refunded.refunds as numeric(18, 2)) as net_revenue,
        order_items.cost_of_goods_sold,
        cast(
            order_items.net_sales - items_refunded.refunds - order_items.cost_of_goods_sold
            as numeric(18, 2)
        ) as gross_margin,

        -- metadata
        order_items.is_sale,
        order_items.is_free,
        order_items.is_cost_imputed,
        order_items.order_date,
        order_items.ordered_at
    from order_items
    inner join items_refunded on order_items.order_item_id = items_refunded.order_item_id

)

select * from final
