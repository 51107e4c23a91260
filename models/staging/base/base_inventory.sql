-- One row per raw row of inventory, kept or rejected: rejection_reason is null for the rows
-- stg_inventory keeps.
with

{{ typed_rows('inventory') }},

checked as {{ not_materialized() }} (

    select
        typed.*,
        typed.contract_violation as rejection_reason
    from typed

),

{{ base_rows('inventory') }}
