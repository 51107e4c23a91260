-- One row per raw row of support_tickets, kept or rejected: rejection_reason is null for the rows
-- stg_support_tickets keeps.
with

{{ typed_rows('support_tickets') }},

checked as {{ not_materialized() }} (

    select
        typed.*,
        typed.contract_violation as rejection_reason
    from typed

),

{{ base_rows('support_tickets') }}
