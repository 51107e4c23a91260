-- One row per country of customers, RFM segment, recency score and frequency score with customers.
with

customers_scored as (

    select
        customer_id,
        segment,
        recency_score,
        frequency_score,
        monetary
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
        customers.country,
        customers_scored.segment,
        customers_scored.recency_score,
        customers_scored.frequency_score,
        cast(count(*) as bigint) as customers,
        cast(sum(customers_scored.monetary) as numeric(18, 2)) as customer_revenue
    from customers_scored
    inner join customers on customers_scored.customer_id = customers.customer_id
    group by
        customers.country,
        customers_scored.segment,
        customers_scored.recency_score,
        customers_scored.frequency_score

)

select * from final
