-- One row per product, none where the shop delivers no stock counts: what the newest count found,
-- and whether the product is out of stock, dead or given up.
with

products as (

    select product_id
    from {{ ref('dim_products') }}

),

inventory as (

    select
        product_id,
        units_on_hand,
        usable_units,
        units_on_order,
        lead_time_days,
        is_out_of_stock,
        snapshot_date
    from {{ ref('fct_inventory_snapshots') }}

),

demand as (

    select
        product_id,
        on_sale_since,
        last_sale
    from {{ ref('int_product_demand_measured') }}

),

clock as (

    select as_of_date
    from {{ ref('dim_clock') }}

),

counts_numbered as (

    select
        *,
        row_number() over (partition by product_id order by snapshot_date desc) as recency_rank
    from inventory

),

products_counted as (

    select
        products.product_id,
        counts_numbered.units_on_hand,
        counts_numbered.usable_units,
        case
            when counts_numbered.product_id is not null
                then coalesce(counts_numbered.units_on_order, 0)
        end as units_on_order,
        counts_numbered.lead_time_days,
        counts_numbered.is_out_of_stock,
        counts_numbered.snapshot_date,
        {{ dbt.datediff('demand.last_sale', 'clock.as_of_date', 'day') }} as silence_days,
        {{ dbt.datediff(
            'coalesce(demand.last_sale, demand.on_sale_since)', 'clock.as_of_date', 'day'
        ) }} as unsold_days
    from products
    cross join clock
    left join demand on products.product_id = demand.product_id
    left join counts_numbered
        on products.product_id = counts_numbered.product_id and counts_numbered.recency_rank = 1
    where exists (select 1 from inventory)

),

final as (

    select
        -- identifiers
        product_id,

        -- measures
        units_on_hand,
        usable_units,
        units_on_order,
        coalesce(lead_time_days, {{ var('default_lead_time_days') }}) as lead_time_days,

        -- metadata
        coalesce(is_out_of_stock, false) as is_out_of_stock,
        coalesce(
            not is_out_of_stock and unsold_days >= {{ var('dead_stock_days') }}, false
        ) as is_dead_stock,
        coalesce(
            is_out_of_stock and units_on_order = 0
            and (silence_days is null or silence_days >= {{ var('dead_stock_days') }}),
            false
        ) as is_discontinued,
        lead_time_days is null as is_lead_time_assumed,
        snapshot_date
    from products_counted

)

select * from final
