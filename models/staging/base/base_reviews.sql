-- One row per raw row of reviews, kept or rejected: rejection_reason is null for the rows
-- stg_reviews keeps.
with

{{ typed_rows('reviews') }},

checked as {{ not_materialized() }} (

    select
        typed.*,
        typed.contract_violation as rejection_reason
    from typed

),

{{ base_rows('reviews') }}
