-- One row per refund.
with

final as (

    select
        refund_id,
        order_id,
        order_item_id,
        reason,
        quantity,
        amount,
        invalid_columns,
        refunded_at
    from {{ ref('base_refunds') }}
    where rejection_reason is null

)

select * from final
