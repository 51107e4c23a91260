-- One row per payment attempt. amount is additive over attempts with is_paid.
with

final as (

    select
        -- identifiers
        payment_id,
        order_id,
        customer_id,

        -- dimensions
        payment_method,
        payment_status,

        -- measures
        cast(amount as numeric(18, 2)) as amount,

        -- metadata
        is_paid,
        is_sale,
        is_date_inferred,
        payment_date,
        paid_at
    from {{ ref('int_payments_dated') }}

)

select * from final
