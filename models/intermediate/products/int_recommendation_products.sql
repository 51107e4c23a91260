-- One row per product, numbered, with what recommendations need to know of it. Not available: no
-- goods, none in stock at the newest count, or not sold for var recommendation_discontinued_days.
{{ config(materialized='table') }}
with

products as (

    select
        product_id,
        coalesce(category, 'Unknown') as category,
        price
    from {{ ref('dim_products') }}

),

clock as (

    select as_of_date
    from {{ ref('dim_clock') }}

),

sales as (

    select
        product_id,
        max(order_date) as last_order_date
    from {{ ref('fct_order_items') }}
    where is_sale and quantity > 0
    group by product_id

),

inventory as (

    select
        product_id,
        snapshot_date,
        units_on_hand
    from {{ ref('stg_inventory') }}

),

counts_newest_first as (

    select
        inventory.product_id,
        inventory.units_on_hand,
        row_number() over (
            partition by inventory.product_id
            order by inventory.snapshot_date desc
        ) as recency_rank
    from inventory
    inner join clock on inventory.snapshot_date <= clock.as_of_date

),

out_of_stock as (

    select product_id
    from counts_newest_first
    where recency_rank = 1 and units_on_hand <= 0

),

products_banded as (

    select
        products.product_id,
        products.category,
        cast(row_number() over (order by products.product_id) as integer) as product_number,
        cast(dense_rank() over (order by products.category) as integer) as category_number,
        case
            when products.price is not null
                then percent_rank() over (
                    partition by case when products.price is null then 0 else 1 end
                    order by products.price
                )
        end as price_rank,
        products.category in ({{ quoted_list(var('non_product_categories')) }}) as is_no_product,
        out_of_stock.product_id is not null as is_out_of_stock,
        coalesce(
            {{ dbt.datediff('sales.last_order_date', 'clock.as_of_date', 'day') }}
            >= {{ var('recommendation_discontinued_days') }},
            false
        ) as is_discontinued
    from products
    cross join clock
    left join sales on products.product_id = sales.product_id
    left join out_of_stock on products.product_id = out_of_stock.product_id

),

final as (

    select
        product_id,
        product_number,
        category,
        category_number,
        cast(least(floor(5 * price_rank), 4) as bigint) as price_band,
        cast(coalesce(floor(1000 * price_rank) - 500, 0) as integer) as price_level,
        is_no_product,
        is_out_of_stock,
        is_discontinued,
        not is_no_product and not is_out_of_stock and not is_discontinued as is_available,
        {% if var('recommendation_repeatable_categories') -%}
        category in ({{ quoted_list(var('recommendation_repeatable_categories')) }})
        {%- else -%} false {%- endif %} as is_repeatable
    from products_banded

)

select * from final
