{#-
    The CTEs <rows>_on_grid and <rows>_compared: sums by month, one row for each month of dim_months
    since the first one of their key, 0 where nothing happened, beside `compared` of the month and of
    the year before (null before the first). Without keys the grid begins with the shop.
    `rows` names a CTE of one row per key x sale_month, `measures` its numbers.
-#}
{% macro monthly_grid(rows, keys, measures, compared) -%}
{%- set keyed = 'partition by ' ~ keys | join(', ') ~ ' ' if keys else '' -%}
months as (

    select
        month_start_date,
        is_complete
    from {{ ref('dim_months') }}

),
{%- if keys %}

{{ rows }}_begun as (

    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        min(sale_month) as first_month
    from {{ rows }}
    group by {{ keys | join(', ') }}

),
{%- endif %}

{{ rows }}_on_grid as (

    select
        months.month_start_date as sale_month,
        {%- for key in keys %}
        {{ rows }}_begun.{{ key }},
        {%- endfor %}
        {%- for measure in measures %}
        case when {{ rows }}.sale_month is null then 0 else {{ rows }}.{{ measure }} end
            as {{ measure }},
        {%- endfor %}
        months.is_complete
    from months
    {%- if keys %}
    inner join {{ rows }}_begun on months.month_start_date >= {{ rows }}_begun.first_month
    {%- endif %}
    left join {{ rows }}
        on
            months.month_start_date = {{ rows }}.sale_month
            {%- for key in keys %}
            and {{ rows }}_begun.{{ key }} = {{ rows }}.{{ key }}
            {%- endfor %}

),

{{ rows }}_compared as (

    select
        *,
        lag({{ compared }}, 1) over ({{ keyed }}order by sale_month) as {{ compared }}_month_before,
        lag({{ compared }}, 12) over ({{ keyed }}order by sale_month) as {{ compared }}_year_before
    from {{ rows }}_on_grid

)
{%- endmacro %}
