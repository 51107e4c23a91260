-- What should be ordered from suppliers this week, and with how much money?
-- How to read it: order from the top until running_cost has used up the money. days_to_spare is how
-- long an order can wait; below zero the goods run out before they can arrive.
-- Reads inventory_health, product_performance.
--
-- Products at or below their reorder point, the most urgent first. Demand is taken to go on as
-- measured and units already on order to arrive in time; safety stock is not counted on, so a
-- product with days to spare uses it up by waiting. sales_per_day is what a day without it costs.
{% set rows = 50 %}
with

stock as (

    select
        product_id,
        product_name,
        category,
        status,
        units_on_hand,
        units_on_order,
        sales_velocity,
        lead_time_days,
        reorder_quantity
    from {{ ref('inventory_health') }}
    where is_reorder_due and not is_discontinued and reorder_quantity > 0

),

products as (

    select
        product_id,
        abc_class,
        price,
        cost
    from {{ ref('product_performance') }}

),

stock_valued as (

    select
        stock.product_id,
        stock.product_name,
        stock.category,
        products.abc_class,
        stock.status,
        stock.units_on_hand,
        stock.units_on_order,
        stock.lead_time_days,
        {{ divide(
            '(greatest(stock.units_on_hand, 0) + stock.units_on_order'
            ~ ' - stock.lead_time_days * stock.sales_velocity)',
            'stock.sales_velocity',
            1
        ) }} as days_to_spare,
        cast(stock.sales_velocity * products.price as numeric(18, 2)) as sales_per_day,
        stock.reorder_quantity,
        cast(stock.reorder_quantity * products.cost as numeric(18, 2)) as order_cost
    from stock
    left join products on stock.product_id = products.product_id

),

stock_ranked as (

    select
        row_number() over (
            order by
                days_to_spare asc nulls last, sales_per_day desc nulls last, product_id asc
        ) as place,
        *
    from stock_valued

)

select
    *,
    cast(sum(order_cost) over (order by place) as numeric(18, 2)) as running_cost
from stock_ranked
where place <= {{ rows }}
order by place
