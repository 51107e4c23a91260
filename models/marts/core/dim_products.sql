-- One row per product, of the catalogue or inferred from order lines.
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
        is_inferred,
        launched_at
    from {{ ref('int_products_unioned') }}

),

final as (

    select
        -- identifiers
        product_id,

        -- dimensions
        coalesce(product_name, product_id) as product_name,
        description,
        coalesce(category, 'Uncategorized') as category,
        coalesce(subcategory, 'Uncategorized') as subcategory,

        -- measures
        price,
        cost,

        -- metadata
        is_inferred,
        launched_at
    from products

)

select * from final
