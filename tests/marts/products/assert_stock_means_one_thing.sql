-- What the newest count found is what every mart reckons with: a product is out of stock where the
-- fact says so, its stock costs its usable units, and days in stock are those without a stock-out.
with

counts as (

    select
        product_id,
        units_on_hand,
        usable_units,
        is_out_of_stock,
        row_number() over (partition by product_id order by snapshot_date desc) as recency_rank
    from {{ ref('fct_inventory_snapshots') }}

),

products as (

    select
        product_id,
        cost
    from {{ ref('dim_products') }}

),

health as (

    select
        product_id,
        status,
        units_on_hand,
        stock_cost,
        days_on_sale,
        out_of_stock_days,
        is_out_of_stock
    from {{ ref('inventory_health') }}

),

performance as (

    select
        product_id,
        in_stock_days
    from {{ ref('product_performance') }}

)

select
    health.*,
    counts.usable_units,
    performance.in_stock_days
from health
inner join products on health.product_id = products.product_id
left join counts on health.product_id = counts.product_id and counts.recency_rank = 1
left join performance on health.product_id = performance.product_id
where
    health.units_on_hand is distinct from counts.units_on_hand
    or health.is_out_of_stock is distinct from coalesce(counts.is_out_of_stock, false)
    or health.is_out_of_stock is distinct from (health.status in ('Out of stock', 'Discontinued'))
    or health.stock_cost
    is distinct from cast(counts.usable_units * products.cost as numeric(18, 2))
    or performance.in_stock_days
    is distinct from greatest(health.days_on_sale - health.out_of_stock_days, 0)
