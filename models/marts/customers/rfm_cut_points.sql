-- One row per month x measure x cut point: the values at which RFM scores change.
-- A score goes to values above the cut point before it, up to and including its own; what is above
-- the fourth has the last score. So equal values never get different scores.
{%- set measures = {
    'recency': 'days_since_last_order',
    'frequency': 'orders_to_date',
    'monetary': 'net_revenue_to_date',
} %}
{%- set method = var('rfm_method') %}
with

customer_months as (

    select
        activity_month,
        days_since_last_order,
        orders_to_date,
        net_revenue_to_date
    from {{ ref('customer_monthly_activity') }}

),

months as (

    select distinct activity_month
    from customer_months

),

{% if method == 'quantiles' -%}
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
{% for number in range(1, 5) -%}
cut_{{ number }} as (

    select
        values_ranked.activity_month,
        values_ranked.measure,
        min(values_ranked.value) as cut_point,
        min(values_ranked.customers_up_to_value) as customers_taken
    from values_ranked
    {%- if loop.first %}
    where values_ranked.customers_up_to_value * 5 >= values_ranked.all_customers
    {%- else %}
    inner join cut_{{ number - 1 }} as previous_cut
        on
            values_ranked.activity_month = previous_cut.activity_month
            and values_ranked.measure = previous_cut.measure
            and values_ranked.value > previous_cut.cut_point
    where
        (values_ranked.customers_up_to_value - previous_cut.customers_taken) * {{ 6 - number }}
        >= values_ranked.all_customers - previous_cut.customers_taken
    {%- endif %}
    group by values_ranked.activity_month, values_ranked.measure

),

{% endfor -%}
{%- endif -%}
cut_points as (

    {%- for measure in measures %}
    {%- set measure_loop = loop %}
    {%- for number in range(1, 5) %}
    select
        months.activity_month,
        '{{ measure }}' as measure,
        {{ number }} as cut_number,
        {{ 6 - number if measure == 'recency' else number }} as score,
        {%- if method == 'quantiles' %}
        cut_{{ number }}.cut_point
    from months
    left join cut_{{ number }}
        on
            months.activity_month = cut_{{ number }}.activity_month
            and cut_{{ number }}.measure = '{{ measure }}'
        {%- else %}
        {{ var('rfm_' ~ measure ~ '_cut_points')[number - 1] }} as cut_point
    from months
        {%- endif %}
    {{- '\n    union all' if not (measure_loop.last and loop.last) }}
    {%- endfor %}
    {%- endfor %}

),

final as (

    select
        activity_month as segment_month,
        measure,
        '{{ method }}' as method,
        cast(cut_number as integer) as cut_number,
        cast(score as integer) as score,
        cast(cut_point as numeric(18, 2)) as cut_point
    from cut_points

)

select * from final
