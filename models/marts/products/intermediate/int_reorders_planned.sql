-- One row per product that was counted and is not given up: how long its stock lasts, when to
-- order and how much. Safety stock covers the swings of demand over the lead time; the lead time
-- itself is taken as kept.
with

stock as (

    select
        product_id,
        usable_units,
        units_on_order,
        lead_time_days
    from {{ ref('int_stock_counted') }}
    where usable_units is not null and not is_discontinued

),

demand as (

    select
        product_id,
        coalesce(sales_velocity, 0) as sales_velocity,
        coalesce(velocity_deviation, 0) as velocity_deviation
    from {{ ref('int_product_demand_measured') }}

),

clock as (

    select as_of_date
    from {{ ref('dim_clock') }}

),

products_secured as (

    select
        stock.product_id,
        stock.usable_units + stock.units_on_order as stock_position,
        stock.lead_time_days,
        coalesce(demand.sales_velocity, 0) as sales_velocity,
        cast(
            {{ normal_quantile(var('service_level')) }} * coalesce(demand.velocity_deviation, 0)
            * sqrt(cast(stock.lead_time_days as {{ dbt.type_float() }})) as numeric(18, 6)
        ) as safety_stock,
        {{ divide('stock.usable_units', 'demand.sales_velocity', 6) }} as days_of_cover
    from stock
    left join demand on stock.product_id = demand.product_id

),

products_pointed as (

    select
        product_id,
        stock_position,
        sales_velocity,
        days_of_cover,
        ceil(safety_stock) as safety_stock,
        ceil(sales_velocity * lead_time_days + safety_stock) as reorder_point
    from products_secured

),

products_ordered as (

    select
        *,
        case
            when sales_velocity > 0
                then floor({{ divide(
                    'greatest(stock_position - reorder_point, 0)', 'sales_velocity', 6
                ) }})
        end as days_to_reorder,
        case
            when sales_velocity > 0
                then ceil(
                    sales_velocity * {{ var('order_cover_days') }}
                    + greatest(reorder_point - stock_position, 0)
                )
        end as reorder_quantity
    from products_pointed

),

final as (

    select
        -- identifiers
        products_ordered.product_id,

        -- measures
        cast(products_ordered.stock_position as bigint) as stock_position,
        cast(products_ordered.days_of_cover as numeric(18, 6)) as days_of_cover,
        cast(products_ordered.safety_stock as bigint) as safety_stock,
        cast(products_ordered.reorder_point as bigint) as reorder_point,
        cast(products_ordered.reorder_quantity as bigint) as reorder_quantity,

        -- metadata
        coalesce(products_ordered.days_to_reorder = 0, false) as is_reorder_due,
        {{ add_days(
            'clock.as_of_date', 'products_ordered.days_to_reorder'
        ) }} as reorder_date
    from products_ordered
    cross join clock

)

select * from final
