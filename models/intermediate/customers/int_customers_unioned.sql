-- One row per customer known by the as-of date: registered ones, and those that orders name though
-- no table holds them (is_inferred), whose place is taken from their newest order.
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
    from {{ ref('int_as_of_date') }}

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
registered as (

    select
        customers.customer_id,
        customers.first_name,
        customers.last_name,
        customers.email,
        customers.customer_segment,
        customers.acquisition_channel,
        coalesce(customers.country, newest_orders.country) as country,
        customers.region,
        customers.city,
        customers.is_email_valid,
        false as is_inferred,
        customers.registered_at
    from customers
    cross join clock
    left join newest_orders on customers.customer_id = newest_orders.customer_id
    where
        newest_orders.customer_id is not null
        or customers.registered_at is null
        or cast(customers.registered_at as date) <= clock.as_of_date

),

inferred as (

    select
        newest_orders.customer_id,
        cast(null as {{ dbt.type_string() }}) as first_name,
        cast(null as {{ dbt.type_string() }}) as last_name,
        cast(null as {{ dbt.type_string() }}) as email,
        cast(null as {{ dbt.type_string() }}) as customer_segment,
        cast(null as {{ dbt.type_string() }}) as acquisition_channel,
        newest_orders.country,
        newest_orders.region,
        newest_orders.city,
        false as is_email_valid,
        true as is_inferred,
        cast(null as timestamp) as registered_at
    from newest_orders
    left join customers on newest_orders.customer_id = customers.customer_id
    where customers.customer_id is null

),

final as (

    select * from registered
    union all
    select * from inferred

)

select * from final
