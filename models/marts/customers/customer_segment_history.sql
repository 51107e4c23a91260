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
        segment_month,
        {%- for measure in measures %}
        {%- set measure_loop = loop %}
        {%- for number in range(1, 5) %}
        max(
            case when measure = '{{ measure }}' and cut_number = {{ number }} then cut_point end
        ) as {{ measure }}_cut_{{ number }}{{ ',' if not (measure_loop.last and loop.last) }}
        {%- endfor %}
        {%- endfor %}
    from cut_points
    group by segment_month

),

-- How many cut points a value is above; one that is null is above every value.
customers_ranked as (

    select
        customer_months.customer_id,
        customer_months.activity_month,
        customer_months.recency,
        customer_months.frequency,
        customer_months.monetary,
        {%- for measure in measures %}
        {%- for number in range(1, 5) %}
        {{ '+ ' if not loop.first -}}
        case
            when customer_months.{{ measure }} > cut_points_of_month.{{ measure }}_cut_{{ number }}
                then 1
            else 0
        end
        {%- endfor %} as {{ measure }}_cuts_passed,
        {%- endfor %}
        customer_months.is_complete,
        customer_months.last_order_date,
        customer_months.snapshot_date
    from customer_months
    inner join cut_points_of_month
        on customer_months.activity_month = cut_points_of_month.segment_month

),

customers_scored as (

    select
        customer_id,
        activity_month,
        recency,
        frequency,
        monetary,
        5 - recency_cuts_passed as recency_score,
        1 + frequency_cuts_passed as frequency_score,
        1 + monetary_cuts_passed as monetary_score,
        is_complete,
        last_order_date,
        snapshot_date
    from customers_ranked

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
