-- One row per category of the catalogue, numbered by name.
with

products as (

    select distinct category
    from {{ ref('dim_products') }}

),

final as (

    select
        category,
        cast(row_number() over (order by category) as bigint) as category_number
    from products

)

select * from final
