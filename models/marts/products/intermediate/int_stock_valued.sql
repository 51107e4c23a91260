-- One row per product, none where the shop delivers no stock counts: what the stock cost, how it
-- turned over in the demand window, and what its absence lost. Money of stock is at the product's
-- current cost.
with

products as (

    select
        product_id,
        price,
        cost
    from {{ ref('dim_products') }}

),

stock as (

    select
        product_id,
        usable_units,
        is_discontinued
    from {{ ref('int_stock_counted') }}

),

demand as (

    select
        product_id,
        units,
        days_on_sale,
        out_of_stock_days,
        coalesce(sales_velocity, 0) as sales_velocity,
        window_start
    from {{ ref('int_product_demand_measured') }}

),

inventory as (

    select
        product_id,
        usable_units,
        snapshot_date
    from {{ ref('fct_inventory_snapshots') }}

),

order_items as (

    select
        product_id,
        quantity,
        net_sales,
        net_revenue,
        cost_of_goods_sold,
        order_date
    from {{ ref('fct_order_items') }}
    where is_sale

),

counts_summed_to_product as (

    select
        inventory.product_id,
        sum(inventory.usable_units) as counted_units,
        count(inventory.usable_units) as counts
    from inventory
    inner join demand
        on
            inventory.product_id = demand.product_id
            and inventory.snapshot_date >= demand.window_start
    group by inventory.product_id

),

sales_summed_to_product as (

    select
        order_items.product_id,
        sum(order_items.quantity) as units,
        sum(order_items.net_sales) as net_sales,
        sum(order_items.net_revenue) as net_revenue,
        sum(order_items.cost_of_goods_sold) as cost_of_goods_sold
    from order_items
    inner join demand
        on
            order_items.product_id = demand.product_id
            and order_items.order_date >= demand.window_start
    group by order_items.product_id

),

products_valued as (

    select
        products.product_id,
        products.cost,
        stock.usable_units,
        demand.units,
        demand.days_on_sale,
        {{ divide(
            'counts_summed_to_product.counted_units', 'counts_summed_to_product.counts', 6
        ) }} as avg_usable_units,
        {{ divide(
            'counts_summed_to_product.counted_units * products.cost',
            'counts_summed_to_product.counts',
            6
        ) }} as avg_stock_cost,
        coalesce(sales_summed_to_product.net_revenue, 0) as net_revenue,
        case
            when sales_summed_to_product.product_id is null then 0
            else sales_summed_to_product.cost_of_goods_sold
        end as cost_of_goods_sold,
        case
            when sales_summed_to_product.units > 0
                then {{ divide(
                    'sales_summed_to_product.net_sales', 'sales_summed_to_product.units', 6
                ) }}
            else products.price
        end as unit_revenue,
        case
            when stock.is_discontinued then 0
            else demand.sales_velocity * demand.out_of_stock_days
        end as lost_units
    from products
    inner join stock on products.product_id = stock.product_id
    inner join demand on products.product_id = demand.product_id
    left join counts_summed_to_product
        on products.product_id = counts_summed_to_product.product_id
    left join sales_summed_to_product
        on products.product_id = sales_summed_to_product.product_id

),

-- Years in the window's days on sale make turns and GMROI comparable whatever the window.
final as (

    select
        product_id,
        cast(usable_units * cost as numeric(18, 2)) as stock_cost,
        {{ divide('units', 'units + usable_units', 6) }} as sell_through_rate,
        cast(avg_usable_units as numeric(18, 6)) as avg_usable_units,
        {{ divide('cost_of_goods_sold * 365', 'avg_stock_cost * days_on_sale', 6) }}
            as inventory_turns,
        {{ divide(
            '(net_revenue - cost_of_goods_sold) * 365', 'avg_stock_cost * days_on_sale', 6
        ) }} as gmroi,
        cast(lost_units as numeric(18, 2)) as lost_units,
        cast(lost_units * unit_revenue as numeric(18, 2)) as lost_sales
    from products_valued

)

select * from final
