-- One row per product with at least three complete months on sale and units in them: how evenly its
-- demand comes, over up to constant xyz_months months.
{%- set xyz_x, xyz_y = var('xyz_deviations') %}
with

months as (

    select distinct month_start_date
    from {{ ref('dim_dates') }}
    where is_month_complete

),

clock as (

    select as_of_month
    from {{ ref('dim_clock') }}

),

demand as (

    select
        product_id,
        on_sale_since
    from {{ ref('int_product_demand_measured') }}

),

order_items as (

    select
        product_id,
        quantity,
        cast({{ dbt.date_trunc('month', 'order_date') }} as date) as order_month
    from {{ ref('fct_order_items') }}
    where is_sale

),

-- Whole months on sale: a product's demand is judged from its first one.
months_on_sale as (

    select
        demand.product_id,
        months.month_start_date
    from demand
    inner join months on demand.on_sale_since <= months.month_start_date
    inner join clock
        on months.month_start_date >= cast(
            clock.as_of_month - interval '{{ constant("xyz_months") }} months' as date
        )

),

units_summed_to_month as (

    select
        product_id,
        order_month,
        sum(quantity) as units
    from order_items
    group by product_id, order_month

),

months_summed_to_product as (

    select
        months_on_sale.product_id,
        count(*) as months,
        sum(coalesce(units_summed_to_month.units, 0)) as units,
        sum(coalesce(units_summed_to_month.units * units_summed_to_month.units, 0))
            as squared_units
    from months_on_sale
    left join units_summed_to_month
        on
            months_on_sale.product_id = units_summed_to_month.product_id
            and months_on_sale.month_start_date = units_summed_to_month.order_month
    group by months_on_sale.product_id

),

-- (deviation ÷ mean)² = n Σx² ÷ (Σx)² − 1
products_measured as (

    select
        product_id,
        months,
        {{ divide('months * squared_units - units * units', 'units * units', 6) }}
            as squared_deviation
    from months_summed_to_product
    where months >= 3 and units > 0

),

final as (

    select
        product_id,
        case
            when squared_deviation <= {{ xyz_x * xyz_x }} then 'X'
            when squared_deviation <= {{ xyz_y * xyz_y }} then 'Y'
            else 'Z'
        end as xyz_class,
        cast(months as bigint) as months,
        sqrt(cast(squared_deviation as {{ dbt.type_float() }})) as demand_variability
    from products_measured

)

select * from final
