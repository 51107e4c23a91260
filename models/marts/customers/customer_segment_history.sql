-- One row per customer x month from the month of the first sale to the as-of month: RFM values,
-- scores and segment as the month ended, from what was known then. The running month is seen from
-- the as-of date.
{%- set measures = ['recency', 'frequency', 'monetary'] %}
with

customer_months as (

    select
        customer_id,
        activity_month,
        days_since_last_order as recency,
        orders_to_date as frequency,
        net_revenue_to_date as monetary,
        is_complete,
        last_order_date,
        snapshot_date
    from {{ ref('customer_monthly_activity') }}

),

cut_points as (

    select
        segment_month,
        measure,
        cut_number,
        cut_point
    from {{ ref('rfm_cut_points') }}

),

segments as (

    select
        recency_score,
        frequency_score,
        monetary_score,
        segment
    from {{ ref('ref_rfm_segments') }}

),

cut_points_of_month as (

    select
        {%- for measure in measures %}
        max(case when measure = '{{ measure }}' and cut_number = 1 then cut_point end)
            as {{ measure }}_cut_1,
        max(case when measure = '{{ measure }}' and cut_number = 2 then cut_point end)
            as {{ measure }}_cut_2,
        max(case when measure = '{{ measure }}' and cut_number = 3 then cut_point end)
            as {{ measure }}_cut_3,
        max(case when measure = '{{ measure }}' and cut_number = 4 then cut_point end)
            as {{ measure }}_cut_4,
        {%- endfor %}
        segment_month
    from cut_points
    group by segment_month

),

-- A cut point no customer was left for is null, and no value is above it.
customers_scored as (

    select
        customer_months.customer_id,
        customer_months.activity_month,
        customer_months.recency,
        customer_months.frequency,
        customer_months.monetary,
        case
            when customer_months.recency > cut_points_of_month.recency_cut_4 then 1
            when customer_months.recency > cut_points_of_month.recency_cut_3 then 2
            when customer_months.recency > cut_points_of_month.recency_cut_2 then 3
            when customer_months.recency > cut_points_of_month.recency_cut_1 then 4
            else 5
        end as recency_score,
        {%- for measure in ['frequency', 'monetary'] %}
        case
            when customer_months.{{ measure }} > cut_points_of_month.{{ measure }}_cut_4 then 5
            when customer_months.{{ measure }} > cut_points_of_month.{{ measure }}_cut_3 then 4
            when customer_months.{{ measure }} > cut_points_of_month.{{ measure }}_cut_2 then 3
            when customer_months.{{ measure }} > cut_points_of_month.{{ measure }}_cut_1 then 2
            else 1
        end as {{ measure }}_score,
        {%- endfor %}
        customer_months.is_complete,
        customer_months.last_order_date,
        customer_months.snapshot_date
    from customer_months
    inner join cut_points_of_month
        on customer_months.activity_month = cut_points_of_month.segment_month

),

final as (

    select
        customers_scored.customer_id,
        customers_scored.activity_month as segment_month,
        segments.segment,
        customers_scored.recency,
        customers_scored.frequency,
        customers_scored.monetary,
        cast(customers_scored.recency_score as integer) as recency_score,
        cast(customers_scored.frequency_score as integer) as frequency_score,
        cast(customers_scored.monetary_score as integer) as monetary_score,
        customers_scored.is_complete,
        customers_scored.last_order_date,
        customers_scored.snapshot_date
    from customers_scored
    left join segments
        on
            customers_scored.recency_score = segments.recency_score
            and customers_scored.frequency_score = segments.frequency_score
            and customers_scored.monetary_score = segments.monetary_score

)

select * from final
