-- One row per channel x month in which it won customers, by the month of their first sale: how
-- many, and what they brought and will bring. Reuses the forecasts of customer_lifetime_value.
with

first_orders as (

    select
        order_id,
        customer_id,
        cast({{ dbt.date_trunc('month', 'order_date') }} as date) as activity_month
    from {{ ref('fct_orders') }}
    where customer_order_number = 1

),

first_touches as (

    select
        order_id,
        channel
    from {{ ref('order_attribution') }}
    where touch_number = 1

),

customers as (

    select
        customer_id,
        acquisition_channel
    from {{ ref('dim_customers') }}

),

values_of_customers as (

    select
        customer_id,
        historical_margin,
        historical_margin + clv_margin as lifetime_margin
    from {{ ref('customer_lifetime_value') }}

),

-- The shop's own word on who won a customer, else the first session before the first sale.
customers_placed as (

    select
        first_orders.activity_month,
        coalesce(nullif(customers.acquisition_channel, 'Unknown'), first_touches.channel)
            as channel,
        values_of_customers.historical_margin,
        values_of_customers.lifetime_margin
    from first_orders
    inner join customers on first_orders.customer_id = customers.customer_id
    inner join first_touches on first_orders.order_id = first_touches.order_id
    left join values_of_customers on first_orders.customer_id = values_of_customers.customer_id

),

-- The worth of customers is unknown where that of one of them is.
final as (

    select
        channel,
        activity_month,
        cast(count(*) as bigint) as new_customers,
        cast(
            case when count(*) = count(historical_margin) then sum(historical_margin) end
            as numeric(18, 2)
        ) as new_customer_margin,
        cast(
            case when count(*) = count(lifetime_margin) then sum(lifetime_margin) end
            as numeric(18, 2)
        ) as new_customer_clv
    from customers_placed
    group by channel, activity_month

)

select * from final
