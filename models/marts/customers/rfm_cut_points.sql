-- One row per month x measure x cut point: the values at which RFM scores change.
-- A score goes to values above the cut point before it, up to and including its own; what is above
-- the last has the next score. So equal values never get different scores.
{%- set measures = {
    'recency': 'days_since_last_order',
    'frequency': 'orders_to_date',
    'monetary': 'net_revenue_to_date',
} %}
{%- set fixed_cut_points = [] %}
{%- for measure in measures %}
{%- for number in range(1, 5) %}
{%- set cut_point = var('rfm_' ~ measure ~ '_cut_points')[number - 1] %}
{%- do fixed_cut_points.append((measure, number, cut_point)) %}
{%- endfor %}
{%- endfor %}
with

customer_months as (

    select
        activity_month,
        days_since_last_order,
        orders_to_date,
        net_revenue_to_date
    from {{ ref('customer_monthly_activity') }}

),

{% if var('rfm_method') == 'quantiles' %}
values_counted as (

    {%- for measure, column in measures.items() %}
    select
        activity_month,
        '{{ measure }}' as measure,
        cast({{ column }} as numeric(18, 2)) as value,
        count(*) as customers
    from customer_months
    group by activity_month, {{ column }}
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}

),

values_ranked as (

    select
        activity_month,
        measure,
        value,
        sum(customers) over (
            partition by activity_month, measure
            order by value
            rows between unbounded preceding and current row
        ) as customers_up_to_value,
        sum(customers) over (partition by activity_month, measure) as all_customers
    from values_counted

),

-- Each cut point takes an equal share of the customers that the ones before it left. Cut points of
-- all customers at once would coincide where most of them share a value, such as one order.
cut_0 as (

    select
        activity_month,
        measure,
        min(value) - 1 as cut_point,
        0 as customers_taken
    from values_ranked
    group by activity_month, measure

),

{% for number in range(1, 5) %}
cut_{{ number }} as (

    select
        values_ranked.activity_month,
        values_ranked.measure,
        min(values_ranked.value) as cut_point,
        min(values_ranked.customers_up_to_value) as customers_taken
    from values_ranked
    inner join cut_{{ number - 1 }} as cut_before
        on
            values_ranked.activity_month = cut_before.activity_month
            and values_ranked.measure = cut_before.measure
            and values_ranked.value > cut_before.cut_point
    where
        (values_ranked.customers_up_to_value - cut_before.customers_taken) * {{ 6 - number }}
        >= values_ranked.all_customers - cut_before.customers_taken
    group by values_ranked.activity_month, values_ranked.measure

),

{% endfor %}
cut_points as (

    {%- for number in range(1, 5) %}
    select
        activity_month,
        measure,
        {{ number }} as cut_number,
        cut_point
    from cut_{{ number }}
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}

),

{% else %}
months as (

    select distinct activity_month
    from customer_months

),

cut_points as (

    {%- for measure, number, cut_point in fixed_cut_points %}
    select
        activity_month,
        '{{ measure }}' as measure,
        {{ number }} as cut_number,
        {{ cut_point }} as cut_point
    from months
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}

),

{% endif %}
final as (

    select
        activity_month as segment_month,
        measure,
        '{{ var("rfm_method") }}' as method,
        cast(cut_number as integer) as cut_number,
        cast(case when measure = 'recency' then 6 - cut_number else cut_number end as integer)
            as score,
        cast(cut_point as numeric(18, 2)) as cut_point
    from cut_points

)

select * from final
