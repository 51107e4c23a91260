-- One row per product; no row where the shop delivers no stock counts. What is on hand, how long it
-- lasts at the velocity measured while in stock, when and how much to order, and what a stock-out
-- cost. Money of stock is at the product's current cost.
with

products as (

    select
        product_id,
        product_name,
        category,
        price,
        cost
    from {{ ref('dim_products') }}

),

inventory as (

    select
        product_id,
        units_on_hand,
        units_on_order,
        lead_time_days,
        snapshot_date
    from {{ ref('fct_inventory_snapshots') }}

),

demand as (

    select
        product_id,
        units,
        days_on_sale,
        out_of_stock_days,
        in_stock_days,
        sales_velocity,
        velocity_deviation,
        window_start,
        on_sale_since,
        first_sale,
        last_sale
    from {{ ref('int_product_demand_measured') }}

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

clock as (

    select as_of_date
    from {{ ref('dim_clock') }}

),

counts_numbered as (

    select
        product_id,
        units_on_hand,
        units_on_order,
        lead_time_days,
        snapshot_date,
        row_number() over (partition by product_id order by snapshot_date desc) as recency_rank
    from inventory

),

newest_counts as (

    select
        product_id,
        units_on_hand,
        units_on_order,
        lead_time_days,
        snapshot_date
    from counts_numbered
    where recency_rank = 1

),

counts_summed_to_product as (

    select
        inventory.product_id,
        sum(inventory.units_on_hand) as counted_units,
        count(inventory.units_on_hand) as counts
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

shop as (

    select
        clock.as_of_date,
        (select count(*) from inventory) as counts
    from clock

),

products_stocked as (

    select
        products.product_id,
        products.price,
        products.cost,
        newest_counts.snapshot_date,
        newest_counts.units_on_hand,
        case
            when newest_counts.product_id is not null
                then coalesce(newest_counts.units_on_order, 0)
        end as units_on_order,
        coalesce(newest_counts.lead_time_days, {{ var('default_lead_time_days') }})
            as lead_time_days,
        newest_counts.lead_time_days is null as is_lead_time_assumed,
        demand.units,
        demand.days_on_sale,
        demand.out_of_stock_days,
        demand.in_stock_days,
        coalesce(demand.sales_velocity, 0) as sales_velocity,
        coalesce(demand.velocity_deviation, 0) as velocity_deviation,
        demand.on_sale_since,
        demand.last_sale,
        counts_summed_to_product.counted_units,
        counts_summed_to_product.counts,
        coalesce(sales_summed_to_product.net_sales, 0) as net_sales,
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
        coalesce(
            newest_counts.units_on_hand = 0 and coalesce(newest_counts.units_on_order, 0) = 0
            and (
                demand.last_sale is null
                or {{ dbt.datediff('demand.last_sale', 'shop.as_of_date', 'day') }}
                >= {{ var('dead_stock_days') }}
            ),
            false
        ) as is_discontinued,
        coalesce(
            newest_counts.units_on_hand > 0
            and {{ dbt.datediff(
                'coalesce(demand.last_sale, demand.on_sale_since)', 'shop.as_of_date', 'day'
            ) }} >= {{ var('dead_stock_days') }},
            false
        ) as is_dead_stock,
        shop.as_of_date
    from products
    inner join shop on shop.counts > 0
    left join demand on products.product_id = demand.product_id
    left join newest_counts on products.product_id = newest_counts.product_id
    left join counts_summed_to_product
        on products.product_id = counts_summed_to_product.product_id
    left join sales_summed_to_product
        on products.product_id = sales_summed_to_product.product_id

),

-- Safety stock covers the swings of demand over the lead time; the lead time itself is taken as
-- kept.
products_planned as (

    select
        product_id,
        cast(
            {{ normal_quantile(var('service_level')) }} * velocity_deviation
            * sqrt(cast(lead_time_days as {{ dbt.type_float() }})) as numeric(18, 6)
        ) as safety_stock,
        {{ divide('units_on_hand', 'sales_velocity', 6) }} as days_of_cover
    from products_stocked
    where units_on_hand is not null and not is_discontinued

),

products_pointed as (

    select
        products_stocked.product_id,
        products_planned.days_of_cover,
        ceil(products_planned.safety_stock) as safety_stock,
        ceil(
            products_stocked.sales_velocity * products_stocked.lead_time_days
            + products_planned.safety_stock
        ) as reorder_point,
        products_stocked.units_on_hand + products_stocked.units_on_order as stock_position
    from products_stocked
    inner join products_planned on products_stocked.product_id = products_planned.product_id

),

products_ordered as (

    select
        products_stocked.product_id,
        case
            when products_stocked.sales_velocity > 0
                then floor({{ divide(
                    'greatest(products_pointed.stock_position - products_pointed.reorder_point, 0)',
                    'products_stocked.sales_velocity',
                    6
                ) }})
        end as days_to_reorder,
        case
            when products_stocked.sales_velocity > 0
                then ceil(
                    products_stocked.sales_velocity * {{ var('order_cover_days') }}
                    + greatest(products_pointed.reorder_point - products_pointed.stock_position, 0)
                )
        end as reorder_quantity
    from products_stocked
    inner join products_pointed on products_stocked.product_id = products_pointed.product_id

),

-- Years in the window's days on sale make turns and GMROI comparable whatever the window.
products_valued as (

    select
        product_id,
        {{ divide('counted_units', 'counts', 6) }} as avg_units_on_hand,
        {{ divide('counted_units * cost', 'counts', 6) }} as avg_stock_cost,
        case
            when is_discontinued then 0
            else sales_velocity * out_of_stock_days
        end as lost_units
    from products_stocked

),

products_flagged as (

    select
        products_stocked.*,
        products_pointed.days_of_cover,
        products_pointed.safety_stock,
        products_pointed.reorder_point,
        products_ordered.reorder_quantity,
        {{ add_days(
            'products_stocked.as_of_date', 'products_ordered.days_to_reorder'
        ) }} as reorder_date,
        products_valued.avg_units_on_hand,
        products_valued.avg_stock_cost,
        products_valued.lost_units,
        coalesce(products_stocked.units_on_hand = 0, false) as is_out_of_stock,
        coalesce(
            products_stocked.units_on_hand > 0
            and not products_stocked.is_dead_stock
            and products_pointed.days_of_cover > {{ var('overstock_days') }},
            false
        ) as is_overstocked,
        coalesce(products_ordered.days_to_reorder = 0, false) as is_reorder_due
    from products_stocked
    inner join products_valued on products_stocked.product_id = products_valued.product_id
    left join products_pointed on products_stocked.product_id = products_pointed.product_id
    left join products_ordered on products_stocked.product_id = products_ordered.product_id

),

products_judged as (

    select
        product_id,
        case
            when units_on_hand is null then 'Not stocked'
            when is_discontinued then 'Discontinued'
            when is_out_of_stock then 'Out of stock'
            when last_sale is null then 'Never sold'
            when is_dead_stock then 'Dead stock'
            when is_overstocked then 'Overstocked'
            when is_reorder_due then 'Reorder now'
            else 'Healthy'
        end as status
    from products_flagged

),

final as (

    select
        -- identifiers
        products.product_id,

        -- dimensions
        products.product_name,
        products.category,
        products_judged.status,
        case products_judged.status
            when 'Not stocked'
                then 'No stock count of this product is known.'
            when 'Discontinued'
                then
                    'Nothing on hand or on order, no sale for {{ var("dead_stock_days") }} days.'
            when 'Out of stock'
                then
                    'Nothing on hand; '
                    || case
                        when products_flagged.units_on_order > 0
                            then
                                cast(products_flagged.units_on_order as {{ dbt.type_string() }})
                                || ' units are on order.'
                        else 'nothing is on order.'
                    end
            when 'Never sold'
                then
                    cast(products_flagged.units_on_hand as {{ dbt.type_string() }})
                    || ' units on hand, none sold so far.'
            when 'Dead stock'
                then
                    cast(products_flagged.units_on_hand as {{ dbt.type_string() }})
                    || ' units on hand, none sold since '
                    || cast(products_flagged.last_sale as {{ dbt.type_string() }}) || '.'
            when 'Overstocked'
                then
                    'Stock lasts '
                    || cast(
                        cast(products_flagged.days_of_cover as numeric(18, 0))
                        as {{ dbt.type_string() }}
                    )
                    || ' days, more than {{ var("overstock_days") }}.'
            when 'Reorder now'
                then
                    cast(
                        products_flagged.units_on_hand + products_flagged.units_on_order
                        as {{ dbt.type_string() }}
                    )
                    || ' units on hand and on order, at or below the reorder point of '
                    || cast(
                        cast(products_flagged.reorder_point as bigint) as {{ dbt.type_string() }}
                    )
                    || '.'
            else
                'Order by ' || cast(products_flagged.reorder_date as {{ dbt.type_string() }})
                || ' at the latest.'
        end as status_reason,

        -- measures
        cast(products_flagged.units_on_hand as bigint) as units_on_hand,
        cast(products_flagged.units_on_order as bigint) as units_on_order,
        cast(products_flagged.units_on_hand * products_flagged.cost as numeric(18, 2))
            as stock_cost,
        cast(products_flagged.lead_time_days as bigint) as lead_time_days,
        cast(products_flagged.days_on_sale as bigint) as days_on_sale,
        cast(products_flagged.out_of_stock_days as bigint) as out_of_stock_days,
        {{ divide('products_flagged.out_of_stock_days', 'products_flagged.days_on_sale', 6) }}
            as stock_out_rate,
        cast(products_flagged.units as bigint) as units_sold,
        cast(products_flagged.sales_velocity as numeric(18, 6)) as sales_velocity,
        cast(products_flagged.days_of_cover as numeric(18, 6)) as days_of_cover,
        cast(products_flagged.safety_stock as bigint) as safety_stock,
        cast(products_flagged.reorder_point as bigint) as reorder_point,
        cast(products_flagged.reorder_quantity as bigint) as reorder_quantity,
        {{ divide(
            'products_flagged.units', 'products_flagged.units + products_flagged.units_on_hand', 6
        ) }} as sell_through_rate,
        cast(products_flagged.avg_units_on_hand as numeric(18, 6)) as avg_units_on_hand,
        {{ divide(
            'products_flagged.cost_of_goods_sold * 365',
            'products_flagged.avg_stock_cost * products_flagged.days_on_sale',
            6
        ) }} as inventory_turns,
        {{ divide(
            '(products_flagged.net_revenue - products_flagged.cost_of_goods_sold) * 365',
            'products_flagged.avg_stock_cost * products_flagged.days_on_sale',
            6
        ) }} as gmroi,
        cast(products_flagged.lost_units as numeric(18, 2)) as lost_units,
        cast(products_flagged.lost_units * products_flagged.unit_revenue as numeric(18, 2))
            as lost_sales,

        -- metadata
        products_flagged.is_out_of_stock,
        products_flagged.is_reorder_due,
        products_flagged.is_overstocked,
        products_flagged.is_dead_stock,
        products_flagged.is_discontinued,
        products_flagged.is_lead_time_assumed,
        products_flagged.reorder_date,
        products_flagged.last_sale as last_sale_date,
        products_flagged.snapshot_date as counted_on
    from products
    inner join products_flagged on products.product_id = products_flagged.product_id
    inner join products_judged on products.product_id = products_judged.product_id

)

select * from final
