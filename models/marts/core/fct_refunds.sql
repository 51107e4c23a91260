-- One row per refund x order line it falls on; amount is additive. Only refunds with is_sale lower
-- net revenue: giving back money for a cancelled order reverses no sale.
with

final as (

    select
        -- identifiers
        {{ dbt_utils.generate_surrogate_key(['refund_id', 'order_item_id']) }} as refund_line_id,
        refund_id,
        order_item_id,
        order_id,
        customer_id,

        -- dimensions
        reason,

        -- measures
        amount,

        -- metadata
        is_sale,
        is_line_known,
        order_date,
        refund_date,
        refunded_at
    from {{ ref('int_refunds_allocated') }}

)

select * from final
