-- One row per refund x order line it falls on; amount is additive. Only refunds with is_sale lower
-- net revenue: giving back money for a cancelled order reverses no sale.
with

refunds as (

    select
        refund_id,
        order_item_id,
        order_id,
        customer_id,
        reason,
        amount,
        is_sale,
        is_line_known,
        order_date,
        refund_date,
        refunded_at
    from {{ ref('int_refunds_allocated') }}

),

order_items as (

    select
        order_item_id,
        product_id
    from {{ ref('int_order_items_priced') }}

),

final as (

    select
        -- identifiers
        {{ dbt_utils.generate_surrogate_key(['refunds.refund_id', 'refunds.order_item_id']) }}
            as refund_line_id,
        refunds.refund_id,
        refunds.order_item_id,
        refunds.order_id,
        order_items.product_id,
        refunds.customer_id,

        -- dimensions
        refunds.reason,

        -- measures
        refunds.amount,

        -- metadata
        refunds.is_sale,
        refunds.is_line_known,
        refunds.order_date,
        refunds.refund_date,
        refunds.refunded_at
    from refunds
    left join order_items on refunds.order_item_id = order_items.order_item_id

)

select * from final
