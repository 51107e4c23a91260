-- One row per customer, registered or inferred from orders. Where orders are all that is known, the
-- place is that of the newest one.
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
        registered_at
    from {{ ref('stg_customers') }}

),

orders as (

    select
        order_id,
        customer_id,
        country,
        region,
        city,
        ordered_at
    from {{ ref('int_orders_classified') }}
    where customer_id is not null

),

clock as (

    select as_of_date
    from {{ ref('dim_clock') }}

),

orders_newest_first as (

    select
        customer_id,
        country,
        region,
        city,
        row_number() over (
            partition by customer_id
            order by ordered_at desc, order_id desc
        ) as recency_rank
    from orders

),

newest_orders as (

    select
        customer_id,
        country,
        region,
        city
    from orders_newest_first
    where recency_rank = 1

),

-- A registration after the as-of date has not happened yet, unless the customer already ordered.
customers_known as (

    select
        coalesce(customers.customer_id, newest_orders.customer_id) as customer_id,
        customers.first_name,
        customers.last_name,
        customers.email,
        customers.customer_segment,
        customers.acquisition_channel,
        coalesce(customers.country, newest_orders.country) as country,
        case
            when customers.customer_id is null then newest_orders.region else customers.region
        end as region,
        case
            when customers.customer_id is null then newest_orders.city else customers.city
        end as city,
        coalesce(customers.is_email_valid, false) as is_email_valid,
        customers.customer_id is null as is_inferred,
        customers.registered_at
    from customers
    full outer join newest_orders on customers.customer_id = newest_orders.customer_id
    inner join clock
        on
            newest_orders.customer_id is not null
            or customers.registered_at is null
            or cast(customers.registered_at as date) <= clock.as_of_date

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
        coalesce(customer_segment, 'Unknown') as customer_segment,
        coalesce(acquisition_channel, 'Unknown') as acquisition_channel,
        coalesce(country, 'Unknown') as country,
        coalesce(region, 'Unknown') as region,
        coalesce(city, 'Unknown') as city,

        -- metadata
        is_email_valid,
        is_inferred,
        registered_at
    from customers_known

)

select * from final
