-- One row per raw row of marketing_spend, kept or rejected: rejection_reason is null for the rows
-- stg_marketing_spend keeps.
with

{{ typed_rows('marketing_spend') }},

checked as {{ not_materialized() }} (

    select
        typed.*,
        typed.contract_violation as rejection_reason
    from typed

),

{{ base_rows('marketing_spend') }}
