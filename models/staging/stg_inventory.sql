-- One row per product and snapshot day.
with

final as (

    select
        product_id,
        snapshot_date,
        units_on_hand,
        units_on_order,
        lead_time_days,
        invalid_columns
    from {{ ref('base_inventory') }}
    where rejection_reason is null

)

select * from final
