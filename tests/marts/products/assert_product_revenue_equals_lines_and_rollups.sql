-- Products, their subcategories, categories and the shop earn what the lines of sales say, to the
-- cent.
with

lines as (

    select
        coalesce(sum(quantity), 0) as units,
        coalesce(sum(gross_sales), 0) as gross_sales,
        coalesce(sum(discounts), 0) as discounts,
        coalesce(sum(refunds), 0) as refunds,
        coalesce(sum(net_revenue), 0) as net_revenue,
        coalesce(sum(cost_of_goods_sold), 0) as cost_of_goods_sold
    from {{ ref('fct_order_items') }}
    where is_sale

),

figures as (

    select
        'product' as level,
        sum(total_quantity_sold) as units,
        sum(gross_sales) as gross_sales,
        sum(discounts) as discounts,
        sum(refunds) as refunds,
        sum(total_revenue) as net_revenue,
        sum(cost_of_goods_sold) as cost_of_goods_sold
    from {{ ref('product_performance') }}
    union all
    select
        level,
        sum(units) as units,
        sum(gross_sales) as gross_sales,
        sum(discounts) as discounts,
        sum(refunds) as refunds,
        sum(net_revenue) as net_revenue,
        sum(cost_of_goods_sold) as cost_of_goods_sold
    from {{ ref('product_performance_rollups') }}
    group by level

)

select
    figures.level,
    figures.net_revenue,
    lines.net_revenue as net_revenue_of_lines
from figures
cross join lines
where
    coalesce(figures.units, 0) <> lines.units
    or coalesce(figures.gross_sales, 0) <> lines.gross_sales
    or coalesce(figures.discounts, 0) <> lines.discounts
    or coalesce(figures.refunds, 0) <> lines.refunds
    or coalesce(figures.net_revenue, 0) <> lines.net_revenue
    or coalesce(figures.cost_of_goods_sold, 0) <> lines.cost_of_goods_sold
