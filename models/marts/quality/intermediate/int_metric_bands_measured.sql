-- One row per metric x day that can be judged: the band its figure should lie in. Robust (medians,
-- not means), local (var anomaly_window_days to each side, as far as the days are known), and it
-- knows the weekday. Never narrower than chance alone makes it.
{%- set width, window = var('anomaly_threshold'), var('anomaly_window_days') %}
with

scored as (

    select
        metric,
        metric_date,
        calendar_event,
        day_of_week,
        unit,
        value,
        base,
        usual_rate,
        score,
        is_rate
    from {{ ref('int_metric_days_scored') }}

),

medians as (

    select
        scored.metric,
        scored.metric_date,
        count(*) as days,
        percentile_cont(0.5) within group (order by others.score) as median_score
    from scored
    inner join scored as others
        on
            scored.metric = others.metric
            and others.metric_date >= scored.metric_date - {{ window }}
            and others.metric_date <= scored.metric_date + {{ window }}
    group by scored.metric, scored.metric_date

),

levelled as (

    select
        scored.*,
        medians.days,
        medians.median_score,
        scored.score - medians.median_score as deviation
    from scored
    inner join medians
        on scored.metric = medians.metric and scored.metric_date = medians.metric_date

),

weekdays as (

    select
        metric,
        day_of_week,
        percentile_cont(0.5) within group (order by deviation) as weekday_effect
    from levelled
    group by metric, day_of_week

),

residuals as (

    select
        levelled.*,
        levelled.median_score + weekdays.weekday_effect as expected_score,
        levelled.deviation - weekdays.weekday_effect as residual
    from levelled
    inner join weekdays
        on levelled.metric = weekdays.metric and levelled.day_of_week = weekdays.day_of_week

),

spreads as (

    select
        residuals.metric,
        residuals.metric_date,
        1.4826 * percentile_cont(0.5) within group (order by abs(others.residual)) as spread
    from residuals
    inner join residuals as others
        on
            residuals.metric = others.metric
            and others.metric_date >= residuals.metric_date - {{ window }}
            and others.metric_date <= residuals.metric_date + {{ window }}
    group by residuals.metric, residuals.metric_date

),

judged as (

    select
        residuals.*,
        greatest(spreads.spread, 1) as spread
    from residuals
    inner join spreads
        on residuals.metric = spreads.metric and residuals.metric_date = spreads.metric_date
    where residuals.days >= {{ window }} / 2.0

),

-- Scores back in the metric's own unit.
final as (

    select
        metric,
        metric_date,
        calendar_event,
        days - 1 as other_days,
        cast(case when is_rate then value / base else value end as {{ dbt.type_float() }}) as value,
        {%- for name, shift in {
            'expected_value': '0',
            'lower_bound': '-' ~ width ~ ' * spread',
            'upper_bound': width ~ ' * spread',
        }.items() %}
        cast(
            case
                when is_rate
                    then least(greatest(
                        usual_rate
                        + (expected_score + {{ shift }})
                        * sqrt(usual_rate * greatest(1 - usual_rate, 0) / base),
                        0
                    ), 1)
                else
                    unit * greatest(
                        greatest(expected_score + {{ shift }}, 0)
                        * greatest(expected_score + {{ shift }}, 0) / 4 - 0.375,
                        0
                    )
            end as {{ dbt.type_float() }}
        ) as {{ name }},
        {%- endfor %}
        cast(residual / spread as {{ dbt.type_float() }}) as robust_score,
        is_rate,
        coalesce(abs(residual / spread) > {{ width }}, false) as is_outside
    from judged

)

select * from final
