-- One row per order line.
with

final as (

    select
        order_item_id,
        order_id,
        product_id,
        quantity,
        unit_price,
        discount_amount,
        invalid_columns
    from {{ ref('base_order_items') }}
    where rejection_reason is null

)

select * from final
