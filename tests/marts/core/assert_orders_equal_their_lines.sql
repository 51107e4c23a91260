-- An order with lines is worth what its lines are worth: every measure of fct_orders is the sum of
-- fct_order_items, and no line is missing.
with

orders as (

    select
        order_id,
        order_lines,
        units,
        gross_sales,
        discounts,
        refunds,
        net_revenue,
        cost_of_goods_sold,
        gross_margin
    from {{ ref('fct_orders') }}
    where not is_amount_from_total

),

lines_summed_to_order as (

    select
        order_id,
        count(*) as order_lines,
        sum(quantity) as units,
        sum(gross_sales) as gross_sales,
        sum(discounts) as discounts,
        sum(refunds) as refunds,
        sum(net_revenue) as net_revenue,
        sum(cost_of_goods_sold) as cost_of_goods_sold,
        sum(gross_margin) as gross_margin
    from {{ ref('fct_order_items') }}
    group by order_id

)

select
    coalesce(orders.order_id, lines_summed_to_order.order_id) as order_id,
    orders.net_revenue as order_net_revenue,
    lines_summed_to_order.net_revenue as lines_net_revenue
from orders
full outer join lines_summed_to_order on orders.order_id = lines_summed_to_order.order_id
where
    orders.order_id is null
    or lines_summed_to_order.order_id is null
    or orders.order_lines <> lines_summed_to_order.order_lines
    or orders.units <> lines_summed_to_order.units
    or orders.gross_sales <> lines_summed_to_order.gross_sales
    or orders.discounts <> lines_summed_to_order.discounts
    or orders.refunds <> lines_summed_to_order.refunds
    or orders.net_revenue <> lines_summed_to_order.net_revenue
    or coalesce(orders.cost_of_goods_sold, 0)
    <> coalesce(lines_summed_to_order.cost_of_goods_sold, 0)
    or coalesce(orders.gross_margin, 0) <> coalesce(lines_summed_to_order.gross_margin, 0)
