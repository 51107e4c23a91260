-- One row per raw row of order_items, kept or rejected: rejection_reason is null for the rows
-- stg_order_items keeps.
with

{{ typed_rows('order_items') }},

orders as (

    select order_id
    from {{ ref('base_orders') }}
    where rejection_reason is null

),

checked as {{ not_materialized() }} (

    select
        typed.*,
        case
            when typed.contract_violation is not null then typed.contract_violation
            when typed.quantity = 0 then 'zero quantity'
            when orders.order_id is null then 'unknown order_id'
        end as rejection_reason
    from typed
    left join orders on typed.order_id = orders.order_id

),

{{ base_rows('order_items') }}
