-- One row per product and stock count taken by the as-of date. The one place that decides what is
-- out of stock: a count below zero (sold before it was booked in) is shown as it came and counts as
-- none.
with

inventory as (

    select
        product_id,
        units_on_hand,
        units_on_order,
        lead_time_days,
        snapshot_date
    from {{ ref('stg_inventory') }}

),

clock as (

    select as_of_date
    from {{ ref('dim_clock') }}

),

final as (

    select
        -- identifiers
        inventory.product_id,

        -- measures
        inventory.units_on_hand,
        case when inventory.units_on_hand < 0 then 0 else inventory.units_on_hand end
            as usable_units,
        inventory.units_on_order,
        inventory.lead_time_days,

        -- metadata
        inventory.units_on_hand <= 0 as is_out_of_stock,
        inventory.snapshot_date
    from inventory
    inner join clock on inventory.snapshot_date <= clock.as_of_date

)

select * from final
