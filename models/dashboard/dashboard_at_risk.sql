-- One row per customer with a medium or high churn risk. No names: a file travels further than a
-- database.
with

customer_values as (

    select
        customer_id,
        churn_risk,
        probability_alive,
        historical_orders,
        historical_revenue,
        silence_days,
        lapse_after_days,
        clv
    from {{ ref('customer_lifetime_value') }}
    where churn_risk in ('Medium', 'High')

),

customers_scored as (

    select
        customer_id,
        segment
    from {{ ref('customer_rfm') }}

),

customers as (

    select
        customer_id,
        country
    from {{ ref('dim_customers') }}

),

final as (

    select
        customer_values.customer_id,
        customers.country,
        customers_scored.segment,
        customer_values.churn_risk,
        customer_values.probability_alive,
        customer_values.historical_orders,
        customer_values.historical_revenue,
        customer_values.silence_days,
        customer_values.lapse_after_days,
        customer_values.clv
    from customer_values
    inner join customers on customer_values.customer_id = customers.customer_id
    inner join customers_scored on customer_values.customer_id = customers_scored.customer_id

)

select * from final
