-- One row per raw row of customers, kept or rejected: rejection_reason is null for the rows
-- stg_customers keeps.
with

{{ typed_rows('customers') }},

checked as {{ not_materialized() }} (

    select
        typed.*,
        typed.contract_violation as rejection_reason
    from typed

),

{{ base_rows('customers') }}
