{#-
    The CTE <rows>_with_trend: the rows of a CTE with `trend`, the classical 2 x 12 centred moving
    average of a monthly value (Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd
    edition, 3.3). The six months at either end, which have no centred average, take the nearest one
    and its growth over the six nearest. With 12 months or fewer the trend is their mean.
    `by` names the columns of a series; `month` numbers its months without gaps from 1.
-#}
{% macro centred_trend(rows, by, month, value) -%}
{%- set series = by | join(', ') -%}
{%- set in_order = 'partition by ' ~ series ~ ' order by ' ~ month -%}
{{ rows }}_averaged as (

    select
        *,
        count(*) over (partition by {{ series }}) as months,
        {{ exact_avg(value, over='partition by ' ~ series) }} as mean_value,
        case
            when
                {{ month }} > 6
                and count(*) over (
                    {{ in_order }} rows between 1 following and unbounded following
                ) >= 6
                then (
                    {{ exact_avg(value, over=in_order ~ ' rows between 6 preceding and 5 following') }}
                    + {{ exact_avg(value, over=in_order ~ ' rows between 5 preceding and 6 following') }}
                ) / 2
        end as centred_average
    from {{ rows }}

),

{{ rows }}_logs as (

    select
        {{ series }},
        {{ month }},
        case
            when {{ month }} <= 12 and centred_average > 0 then ln(centred_average)
        end as first_log,
        case
            when {{ month }} > months - 12 and centred_average > 0 then ln(centred_average)
        end as last_log
    from {{ rows }}_averaged

),

{{ rows }}_growth as (

    select
        {{ series }},
        case when count(first_log) > 1 then {{ exact_slope('first_log', month) }} else 0 end
            as first_growth,
        case when count(last_log) > 1 then {{ exact_slope('last_log', month) }} else 0 end
            as last_growth
    from {{ rows }}_logs
    group by {{ series }}

),

{{ rows }}_with_trend as (

    select
        months.*,
        coalesce(
            nearest.centred_average
            * exp(
                (months.{{ month }} - nearest.{{ month }})
                * case
                    when months.{{ month }} < nearest.{{ month }}
                        then {{ rows }}_growth.first_growth
                    else {{ rows }}_growth.last_growth
                end
            ),
            months.mean_value
        ) as trend
    from {{ rows }}_averaged as months
    inner join {{ rows }}_growth
        on {% for column in by -%}
            months.{{ column }} = {{ rows }}_growth.{{ column }}{{ ' and ' if not loop.last }}
        {%- endfor %}
    left join {{ rows }}_averaged as nearest
        on
            {% for column in by -%}
            months.{{ column }} = nearest.{{ column }} and
            {% endfor -%}
            nearest.{{ month }} = least(greatest(months.{{ month }}, 7), months.months - 6)

)
{%- endmacro %}
