-- One row per product: what it sold a day over the var demand_window_days days up to the as-of
-- date, days on which it was out of stock or not yet on sale left out.
{{ config(materialized='table') }}
with

products as (

    select
        product_id,
        cast(launched_at as date) as launched_on
    from {{ ref('dim_products') }}

),

clock as (

    select
        as_of_date,
        cast({{ dbt.dateadd('day', 1 - var('demand_window_days'), 'as_of_date') }} as date)
            as window_start
    from {{ ref('dim_clock') }}

),

days_sold as (

    select
        product_id,
        order_date,
        sum(quantity) as units
    from {{ ref('fct_order_items') }}
    where is_sale
    group by product_id, order_date

),

first_counts as (

    select
        product_id,
        min(snapshot_date) as first_count
    from {{ ref('fct_inventory_snapshots') }}
    group by product_id

),

stock_outs as (

    select
        product_id,
        out_from,
        out_to
    from {{ ref('int_stock_outs_dated') }}

),

sales_summed_to_product as (

    select
        days_sold.product_id,
        min(days_sold.order_date) as first_sale,
        max(days_sold.order_date) as last_sale,
        sum(case when days_sold.order_date >= clock.window_start then days_sold.units else 0 end)
            as units,
        sum(
            case
                when days_sold.order_date >= clock.window_start
                    then days_sold.units * days_sold.units
                else 0
            end
        ) as squared_units
    from days_sold
    cross join clock
    group by days_sold.product_id

),

stock_outs_summed_to_product as (

    select
        stock_outs.product_id,
        sum(
            {{ dbt.datediff(
                'greatest(stock_outs.out_from, clock.window_start)', 'stock_outs.out_to', 'day'
            ) }} + 1
        ) as out_of_stock_days
    from stock_outs
    inner join clock on stock_outs.out_to >= clock.window_start
    group by stock_outs.product_id

),

-- On sale since it was launched, sold or counted first, whichever came first.
products_on_sale as (

    select
        products.product_id,
        sales_summed_to_product.first_sale,
        sales_summed_to_product.last_sale,
        coalesce(sales_summed_to_product.units, 0) as units,
        coalesce(sales_summed_to_product.squared_units, 0) as squared_units,
        coalesce(stock_outs_summed_to_product.out_of_stock_days, 0) as out_of_stock_days,
        {{ dbt.datediff(
            'greatest(clock.window_start, least(
                products.launched_on,
                sales_summed_to_product.first_sale,
                first_counts.first_count
            ))',
            'clock.as_of_date',
            'day'
        ) }} + 1 as days_on_sale,
        clock.window_start,
        least(
            products.launched_on, sales_summed_to_product.first_sale, first_counts.first_count
        ) as on_sale_since
    from products
    cross join clock
    left join sales_summed_to_product
        on products.product_id = sales_summed_to_product.product_id
    left join first_counts on products.product_id = first_counts.product_id
    left join stock_outs_summed_to_product
        on products.product_id = stock_outs_summed_to_product.product_id

),

days_in_stock as (

    select
        *,
        greatest(days_on_sale - out_of_stock_days, 0) as in_stock_days
    from products_on_sale

),

final as (

    select
        product_id,
        cast(units as bigint) as units,
        cast(days_on_sale as bigint) as days_on_sale,
        cast(out_of_stock_days as bigint) as out_of_stock_days,
        cast(in_stock_days as bigint) as in_stock_days,
        {{ divide('greatest(units, 0)', 'in_stock_days', 6) }} as sales_velocity,
        -- n Σx² − (Σx)² is exact in whole numbers
        cast(
            sqrt(cast(
                greatest(in_stock_days * squared_units - units * units, 0) as {{ dbt.type_float() }}
            )) / nullif(in_stock_days, 0) as {{ dbt.type_float() }}
        ) as velocity_deviation,
        window_start,
        on_sale_since,
        first_sale,
        last_sale
    from days_in_stock

)

select * from final
