-- One row per product; no row where the shop delivers no stock counts. What is on hand, how long it
-- lasts at the velocity measured while in stock, when and how much to order, what a stock-out cost,
-- and in one word what to make of it.
with

products as (

    select
        product_id,
        product_name,
        category
    from {{ ref('dim_products') }}

),

stock as (

    select
        product_id,
        units_on_hand,
        units_on_order,
        lead_time_days,
        is_out_of_stock,
        is_dead_stock,
        is_discontinued,
        is_lead_time_assumed,
        snapshot_date
    from {{ ref('int_stock_counted') }}

),

demand as (

    select
        product_id,
        units,
        days_on_sale,
        out_of_stock_days,
        sales_velocity,
        last_sale
    from {{ ref('int_product_demand_measured') }}

),

reorders as (

    select
        product_id,
        stock_position,
        days_of_cover,
        safety_stock,
        reorder_point,
        reorder_quantity,
        is_reorder_due,
        reorder_date
    from {{ ref('int_reorders_planned') }}

),

money as (

    select
        product_id,
        stock_cost,
        sell_through_rate,
        avg_usable_units,
        inventory_turns,
        gmroi,
        lost_units,
        lost_sales
    from {{ ref('int_stock_valued') }}

),

stock_judged as (

    select
        stock.*,
        reorders.stock_position,
        reorders.days_of_cover,
        reorders.safety_stock,
        reorders.reorder_point,
        reorders.reorder_quantity,
        reorders.reorder_date,
        coalesce(reorders.is_reorder_due, false) as is_reorder_due,
        coalesce(
            not stock.is_out_of_stock
            and not stock.is_dead_stock
            and reorders.days_of_cover > {{ var('overstock_days') }},
            false
        ) as is_overstocked,
        demand.units,
        demand.days_on_sale,
        demand.out_of_stock_days,
        coalesce(demand.sales_velocity, 0) as sales_velocity,
        demand.last_sale
    from stock
    inner join demand on stock.product_id = demand.product_id
    left join reorders on stock.product_id = reorders.product_id

),

stock_named as (

    select
        *,
        case
            when units_on_hand is null then 'Not stocked'
            when is_discontinued then 'Discontinued'
            when is_out_of_stock then 'Out of stock'
            when last_sale is null then 'Never sold'
            when is_dead_stock then 'Dead stock'
            when is_overstocked then 'Overstocked'
            when is_reorder_due then 'Reorder now'
            else 'Healthy'
        end as status,
        {%- for column in ['units_on_hand', 'units_on_order', 'stock_position', 'reorder_point'] %}
        cast({{ column }} as {{ dbt.type_string() }}) as {{ column }}_text,
        {%- endfor %}
        cast(cast(days_of_cover as numeric(18, 0)) as {{ dbt.type_string() }})
            as days_of_cover_text,
        cast(last_sale as {{ dbt.type_string() }}) as last_sale_text,
        cast(reorder_date as {{ dbt.type_string() }}) as reorder_date_text
    from stock_judged

),

final as (

    select
        -- identifiers
        products.product_id,

        -- dimensions
        products.product_name,
        products.category,
        stock_named.status,
        case stock_named.status
            when 'Not stocked'
                then 'No stock count of this product is known.'
            when 'Discontinued'
                then
                    'Nothing on hand or on order, no sale for {{ var("dead_stock_days") }} days.'
            when 'Out of stock'
                then
                    'Nothing on hand; '
                    || case
                        when stock_named.units_on_order > 0
                            then stock_named.units_on_order_text || ' units are on order.'
                        else 'nothing is on order.'
                    end
            when 'Never sold'
                then stock_named.units_on_hand_text || ' units on hand, none sold so far.'
            when 'Dead stock'
                then
                    stock_named.units_on_hand_text || ' units on hand, none sold since '
                    || stock_named.last_sale_text || '.'
            when 'Overstocked'
                then
                    'Stock lasts ' || stock_named.days_of_cover_text
                    || ' days, more than {{ var("overstock_days") }}.'
            when 'Reorder now'
                then
                    stock_named.stock_position_text
                    || ' units on hand and on order, at or below the reorder point of '
                    || stock_named.reorder_point_text || '.'
            else 'Order by ' || stock_named.reorder_date_text || ' at the latest.'
        end as status_reason,

        -- measures
        cast(stock_named.units_on_hand as bigint) as units_on_hand,
        cast(stock_named.units_on_order as bigint) as units_on_order,
        money.stock_cost,
        cast(stock_named.lead_time_days as bigint) as lead_time_days,
        stock_named.days_on_sale,
        stock_named.out_of_stock_days,
        {{ divide('stock_named.out_of_stock_days', 'stock_named.days_on_sale', 6) }}
            as stock_out_rate,
        stock_named.units as units_sold,
        cast(stock_named.sales_velocity as numeric(18, 6)) as sales_velocity,
        stock_named.days_of_cover,
        stock_named.safety_stock,
        stock_named.reorder_point,
        stock_named.reorder_quantity,
        money.sell_through_rate,
        money.avg_usable_units as avg_units_on_hand,
        money.inventory_turns,
        money.gmroi,
        money.lost_units,
        money.lost_sales,

        -- metadata
        stock_named.is_out_of_stock,
        stock_named.is_reorder_due,
        stock_named.is_overstocked,
        stock_named.is_dead_stock,
        stock_named.is_discontinued,
        stock_named.is_lead_time_assumed,
        stock_named.reorder_date,
        stock_named.last_sale as last_sale_date,
        stock_named.snapshot_date as counted_on
    from products
    inner join stock_named on products.product_id = stock_named.product_id
    inner join money on products.product_id = money.product_id

)

select * from final
