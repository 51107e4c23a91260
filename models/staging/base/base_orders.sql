-- One row per raw row of orders, kept or rejected: rejection_reason is null for the rows
-- stg_orders keeps.
with

{{ typed_rows('orders') }},

checked as {{ not_materialized() }} (

    select
        typed.*,
        typed.contract_violation as rejection_reason
    from typed

),

{{ base_rows('orders') }}
