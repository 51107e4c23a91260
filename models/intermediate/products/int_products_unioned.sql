-- One row per product: the catalogue, and products that order lines name though the catalogue does
-- not hold them (is_inferred).
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
    from {{ ref('int_as_of_date') }}

),

-- A launch after the as-of date has not happened yet, unless the product already sold.
in_catalogue as (

    select
        products.product_id,
        products.product_name,
        products.description,
        products.category,
        products.subcategory,
        products.price,
        products.cost,
        false as is_inferred,
        products.launched_at
    from products
    cross join clock
    left join sold on products.product_id = sold.product_id
    where
        sold.product_id is not null
        or products.launched_at is null
        or cast(products.launched_at as date) <= clock.as_of_date

),

inferred as (

    select
        sold.product_id,
        cast(null as {{ dbt.type_string() }}) as product_name,
        cast(null as {{ dbt.type_string() }}) as description,
        cast(null as {{ dbt.type_string() }}) as category,
        cast(null as {{ dbt.type_string() }}) as subcategory,
        cast(null as numeric(16, 4)) as price,
        cast(null as numeric(16, 4)) as cost,
        true as is_inferred,
        cast(null as timestamp) as launched_at
    from sold
    left join products on sold.product_id = products.product_id
    where products.product_id is null

),

final as (

    select * from in_catalogue
    union all
    select * from inferred

)

select * from final
