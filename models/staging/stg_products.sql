-- One row per product of the catalogue.
with

final as (

    select
        product_id,
        product_name,
        description,
        category,
        subcategory,
        price,
        cost,
        invalid_columns,
        launched_at,
        updated_at
    from {{ ref('base_products') }}
    where rejection_reason is null

)

select * from final
