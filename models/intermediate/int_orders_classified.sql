-- One row per order placed by the as-of date, with what it counts as. What a sale is, stg_orders
-- decides; what a guest is, this.
{{ config(materialized='table') }}
with

orders as (

    select
        order_id,
        customer_id,
        session_id,
        status,
        coupon_code,
        country,
        region,
        city,
        shipping_amount,
        tax_amount,
        total_amount,
        is_sale,
        ordered_at
    from {{ ref('stg_orders') }}

),

customers as (

    select
        customer_id,
        country
    from {{ ref('stg_customers') }}

),

clock as (

    select as_of_date
    from {{ ref('int_as_of_date') }}

),

final as (

    select
        -- identifiers
        orders.order_id,
        orders.customer_id,
        orders.session_id,

        -- dimensions
        orders.status,
        orders.coupon_code,
        coalesce(orders.country, customers.country) as country,
        orders.region,
        orders.city,

        -- measures
        cast(coalesce(orders.shipping_amount, 0) as numeric(16, 2)) as shipping_amount,
        cast(coalesce(orders.tax_amount, 0) as numeric(16, 2)) as tax_amount,
        orders.total_amount,

        -- metadata
        orders.is_sale,
        orders.customer_id is null as is_guest,
        cast(orders.ordered_at as date) as order_date,
        orders.ordered_at
    from orders
    inner join clock on cast(orders.ordered_at as date) <= clock.as_of_date
    left join customers on orders.customer_id = customers.customer_id

)

select * from final
