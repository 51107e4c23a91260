-- One row per product with what recommendations need to know of it. Not available: no goods, none
-- in stock at the newest count, or not sold for var recommendation_discontinued_days.
with

products as (

    select
        product_id,
        category,
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

stock_newest_first as (

    select
        product_id,
        is_out_of_stock,
        row_number() over (
            partition by product_id
            order by snapshot_date desc
        ) as recency_rank
    from {{ ref('fct_inventory_snapshots') }}

),

products_banded as (

    select
        products.product_id,
        products.category,
        case
            when products.price is not null
                then percent_rank() over (
                    partition by case when products.price is null then 0 else 1 end
                    order by products.price
                )
        end as price_rank,
        {{ is_among('products.category', var('non_product_categories')) }} as is_no_product,
        coalesce(stock_newest_first.is_out_of_stock, false) as is_out_of_stock,
        coalesce(
            {{ dbt.datediff('sales.last_order_date', 'clock.as_of_date', 'day') }}
            >= {{ var('recommendation_discontinued_days') }},
            false
        ) as is_discontinued
    from products
    cross join clock
    left join sales on products.product_id = sales.product_id
    left join stock_newest_first
        on
            products.product_id = stock_newest_first.product_id
            and stock_newest_first.recency_rank = 1

),

final as (

    select
        product_id,
        category,
        cast(least(floor(5 * price_rank), 4) as bigint) as price_band,
        cast(coalesce(floor(1000 * price_rank) - 500, 0) as integer) as price_level,
        is_no_product,
        is_out_of_stock,
        is_discontinued,
        not is_no_product and not is_out_of_stock and not is_discontinued as is_available,
        {{ is_among('category', var('recommendation_repeatable_categories')) }} as is_repeatable
    from products_banded

)

select * from final
