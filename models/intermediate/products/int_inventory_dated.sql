-- One row per product and stock count taken by the as-of date.
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
    from {{ ref('int_as_of_date') }}

),

final as (

    select
        inventory.product_id,
        inventory.units_on_hand,
        inventory.units_on_order,
        inventory.lead_time_days,
        inventory.snapshot_date
    from inventory
    inner join clock on inventory.snapshot_date <= clock.as_of_date

)

select * from final
