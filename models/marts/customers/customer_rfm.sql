-- One row per customer who ever bought: RFM values, scores and segment on the as-of date. It is the
-- newest month of customer_segment_history.
with

customer_months as (

    select
        customer_id,
        segment_month,
        segment,
        recency,
        frequency,
        monetary,
        recency_score,
        frequency_score,
        monetary_score,
        last_order_date
    from {{ ref('customer_segment_history') }}

),

clock as (

    select as_of_month
    from {{ ref('dim_clock') }}

),

final as (

    select
        customer_months.customer_id,
        customer_months.segment,
        customer_months.recency,
        customer_months.frequency,
        customer_months.monetary,
        customer_months.recency_score,
        customer_months.frequency_score,
        customer_months.monetary_score,
        customer_months.last_order_date
    from customer_months
    inner join clock on customer_months.segment_month = clock.as_of_month

)

select * from final
