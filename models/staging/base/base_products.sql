-- One row per raw row of products, kept or rejected: rejection_reason is null for the rows
-- stg_products keeps.
with

{{ typed_rows('products') }},

checked as {{ not_materialized() }} (

    select
        typed.*,
        typed.contract_violation as rejection_reason
    from typed

),

{{ base_rows('products') }}
