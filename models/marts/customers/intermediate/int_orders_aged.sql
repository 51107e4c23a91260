-- One row per sale of a known customer: how old the customer was that day, counted from the first
-- sale, and in which month and by which channel the shop won them.
with

customers as (

    select
        customer_id,
        acquisition_channel
    from {{ ref('dim_customers') }}

),

orders as (

    select
        order_id,
        customer_id,
        customer_order_number,
        order_date,
        gross_margin
    from {{ ref('fct_orders') }}
    where is_sale and customer_id is not null

),

acquisitions as (

    select
        orders.customer_id,
        customers.acquisition_channel as channel,
        orders.order_date as acquired_date,
        cast({{ dbt.date_trunc('month', 'orders.order_date') }} as date) as acquisition_month
    from orders
    inner join customers on orders.customer_id = customers.customer_id
    where orders.customer_order_number = 1

),

final as (

    select
        -- identifiers
        orders.order_id,
        orders.customer_id,

        -- dimensions
        acquisitions.acquisition_month,
        acquisitions.channel,

        -- measures
        {{ dbt.datediff('acquisitions.acquired_date', 'orders.order_date', 'day') }} as age_days,
        orders.gross_margin
    from orders
    inner join acquisitions on orders.customer_id = acquisitions.customer_id

)

select * from final
