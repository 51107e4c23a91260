-- One row per entity x column x value that no reference seed maps. The value is used as it is: add
-- a row to the seed to give it a standard name (and, for an order status, decide what it counts
-- as).
with

unmapped as (

    select
        'orders' as entity,
        'status' as column_name,
        'ref_order_statuses' as reference_seed,
        status as value
    from {{ ref('stg_orders') }}
    where not is_status_mapped
    union all
    select
        'orders' as entity,
        'shipping_country' as column_name,
        'ref_countries' as reference_seed,
        country as value
    from {{ ref('stg_orders') }}
    where not is_country_mapped
    union all
    select
        'customers' as entity,
        'country' as column_name,
        'ref_countries' as reference_seed,
        country as value
    from {{ ref('stg_customers') }}
    where not is_country_mapped
    union all
    select
        'payments' as entity,
        'payment_method' as column_name,
        'ref_payment_methods' as reference_seed,
        payment_method as value
    from {{ ref('stg_payments') }}
    where not is_method_mapped
    union all
    select
        'payments' as entity,
        'status' as column_name,
        'ref_payment_statuses' as reference_seed,
        payment_status as value
    from {{ ref('stg_payments') }}
    where not is_status_mapped

),

final as (

    select
        entity,
        column_name,
        value,
        reference_seed,
        cast(count(*) as bigint) as staged_rows
    from unmapped
    group by entity, column_name, value, reference_seed

)

select * from final
