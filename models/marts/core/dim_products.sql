-- One row per product, of the catalogue or inferred from order lines. The one place that names what
-- has no category.
with

products as (

    select
        product_id,
        product_name,
        description,
        category,
        subcategory,
        price,
        cost,
        launched_at
    from {{ ref('stg_products') }}

),

sold as (

    select distinct product_id
    from {{ ref('int_order_items_priced') }}

),

clock as (

    select as_of_date
    from {{ ref('dim_clock') }}

),

-- A launch after the as-of date has not happened yet, unless the product already sold.
final as (

    select
        -- identifiers
        coalesce(products.product_id, sold.product_id) as product_id,

        -- dimensions
        coalesce(products.product_name, products.product_id, sold.product_id) as product_name,
        products.description,
        coalesce(products.category, 'Unknown') as category,
        coalesce(products.subcategory, 'Unknown') as subcategory,

        -- measures
        products.price,
        products.cost,

        -- metadata
        products.product_id is null as is_inferred,
        products.launched_at
    from products
    full outer join sold on products.product_id = sold.product_id
    inner join clock
        on
            sold.product_id is not null
            or products.launched_at is null
            or cast(products.launched_at as date) <= clock.as_of_date

)

select * from final
