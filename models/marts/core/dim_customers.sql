-- One row per customer, registered or inferred from orders.
with

customers as (

    select
        customer_id,
        first_name,
        last_name,
        email,
        customer_segment,
        acquisition_channel,
        country,
        region,
        city,
        is_email_valid,
        is_inferred,
        registered_at
    from {{ ref('int_customers_unioned') }}

),

final as (

    select
        -- identifiers
        customer_id,

        -- dimensions
        first_name,
        last_name,
        nullif(trim(concat_ws(' ', first_name, last_name)), '') as full_name,
        email,
        customer_segment,
        acquisition_channel,
        country,
        region,
        city,

        -- metadata
        is_email_valid,
        is_inferred,
        registered_at
    from customers

)

select * from final
