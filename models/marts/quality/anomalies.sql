-- One row per metric x day that left its band: how far, and which part of the shop explains most
-- of it. The band is robust (medians, not means), local (var anomaly_window_days to each side, as
-- far as the days are known) and knows the weekday. It is never narrower than chance alone makes
-- it.
{%- set width = var('anomaly_threshold') %}
with

metric_days as (

    select
        metric,
        dimension,
        dimension_value,
        value,
        base,
        squares,
        metric_date
    from {{ ref('metric_days') }}

),

days as (

    select
        date_day,
        day_of_week,
        calendar_event
    from {{ ref('dim_dates') }}

),

clock as (

    select
        as_of_date,
        first_order_date
    from {{ ref('dim_clock') }}

),

-- What one sale, refund or row weighs: Σ x² ÷ Σ x. A sum of such is as noisy as a count of them.
metrics as (

    select
        metric,
        sum(squares) / nullif(sum(cast(value as {{ dbt.type_float() }})), 0) as unit,
        count(base) > 0 as is_rate,
        min(metric_date) as first_date
    from metric_days
    where dimension = 'all'
    group by metric

),

-- Days on which nothing happened are days too, but a rate needs something to be a rate of.
totals as (

    select
        metrics.metric,
        metrics.unit,
        metrics.is_rate,
        days.date_day as metric_date,
        days.day_of_week,
        days.calendar_event,
        cast(coalesce(metric_days.value, 0) as {{ dbt.type_float() }}) as value,
        cast(metric_days.base as {{ dbt.type_float() }}) as base
    from metrics
    cross join clock
    inner join days
        on
            clock.first_order_date <= days.date_day
            and metrics.first_date <= days.date_day
            and clock.as_of_date >= days.date_day
    left join metric_days
        on
            metrics.metric = metric_days.metric
            and days.date_day = metric_days.metric_date
            and metric_days.dimension = 'all'
    where not metrics.is_rate or metric_days.base > 0

),

usual_rates as (

    select
        metric,
        metric_date,
        (-value + sum(value) over around) / nullif(-base + sum(base) over around, 0) as usual_rate
    from totals
    window around as (
        partition by metric
        order by metric_date
        range between interval '{{ var("anomaly_window_days") }} days' preceding
        and interval '{{ var("anomaly_window_days") }} days' following
    )

),

-- Scores of unit variance if only chance were at work: Anscombe's root for sums, standard errors
-- for rates.
scored as (

    select
        totals.*,
        usual_rates.usual_rate,
        case
            when totals.is_rate
                then
                    (totals.value - totals.base * usual_rates.usual_rate)
                    / nullif(
                        sqrt(
                            totals.base * usual_rates.usual_rate
                            * greatest(1 - usual_rates.usual_rate, 0)
                        ),
                        0
                    )
            else 2 * sqrt(greatest(totals.value, 0) / totals.unit + 0.375)
        end as score
    from totals
    left join usual_rates
        on
            totals.metric = usual_rates.metric
            and totals.metric_date = usual_rates.metric_date

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
            and others.metric_date >= {{ add_days(
                'scored.metric_date', -var('anomaly_window_days')
            ) }}
            and others.metric_date <= {{ add_days(
                'scored.metric_date', var('anomaly_window_days')
            ) }}
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
            and others.metric_date >= {{ add_days(
                'residuals.metric_date', -var('anomaly_window_days')
            ) }}
            and others.metric_date <= {{ add_days(
                'residuals.metric_date', var('anomaly_window_days')
            ) }}
    group by residuals.metric, residuals.metric_date

),

judged as (

    select
        residuals.*,
        greatest(spreads.spread, 1) as spread,
        residuals.residual / greatest(spreads.spread, 1) as robust_score
    from residuals
    inner join spreads
        on residuals.metric = spreads.metric and residuals.metric_date = spreads.metric_date
    where residuals.days >= {{ var('anomaly_window_days') }} / 2.0

),

-- The band in the metric's own unit.
flagged as (

    select
        metric,
        is_rate,
        metric_date,
        calendar_event,
        days - 1 as other_days,
        base,
        robust_score,
        {%- for name, shift in {
            'expected_value': '0',
            'lower_bound': '-' ~ width ~ ' * spread',
            'upper_bound': width ~ ' * spread',
        }.items() %}
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
        end as {{ name }},
        {%- endfor %}
        case when is_rate then value / base else value end as value
    from judged
    where abs(robust_score) > {{ width }}

),

parts as (

    select
        flagged.metric,
        flagged.metric_date,
        flagged.is_rate,
        flagged.other_days,
        metric_days.dimension,
        metric_days.dimension_value,
        sum(
            case
                when metric_days.metric_date = flagged.metric_date then metric_days.value
                else 0
            end
        ) as value,
        sum(
            case
                when metric_days.metric_date = flagged.metric_date then metric_days.base
                else 0
            end
        ) as base,
        sum(
            case
                when metric_days.metric_date <> flagged.metric_date then metric_days.value
                else 0
            end
        ) as other_value,
        sum(
            case
                when metric_days.metric_date <> flagged.metric_date then metric_days.base
                else 0
            end
        ) as other_base
    from flagged
    inner join metric_days
        on
            flagged.metric = metric_days.metric
            and metric_days.dimension <> 'all'
            and metric_days.metric_date >= {{ add_days(
                'flagged.metric_date', -var('anomaly_window_days')
            ) }}
            and metric_days.metric_date <= {{ add_days(
                'flagged.metric_date', var('anomaly_window_days')
            ) }}
    group by
        flagged.metric,
        flagged.metric_date,
        flagged.is_rate,
        flagged.other_days,
        metric_days.dimension,
        metric_days.dimension_value

),

-- A part's change is what it gave less what it gives on its other days (for a rate: at its own
-- rate).
parts_changed as (

    select
        metric,
        metric_date,
        dimension,
        dimension_value,
        cast(value as {{ dbt.type_float() }}) - case
            when is_rate
                then
                    cast(base as {{ dbt.type_float() }})
                    * coalesce(
                        cast(other_value as {{ dbt.type_float() }}) / nullif(other_base, 0), 0
                    )
            else cast(other_value as {{ dbt.type_float() }}) / nullif(other_days, 0)
        end as change,
        cast(other_value as {{ dbt.type_float() }}) as usual
    from parts

),

parts_shared as (

    select
        metric,
        metric_date,
        dimension,
        dimension_value,
        change,
        change / nullif(sum(change) over by_dimension, 0) as change_share,
        change / nullif(
            case
                when change > 0 then sum(greatest(change, 0)) over by_dimension
                else sum(least(change, 0)) over by_dimension
            end,
            0
        ) as share_of_movers,
        coalesce(usual / nullif(sum(usual) over by_dimension, 0), 0) as usual_share
    from parts_changed
    window by_dimension as (partition by metric, metric_date, dimension)

),

-- A part explains the change by what it has of it beyond its usual share of the metric.
parts_ranked as (

    select
        metric,
        metric_date,
        dimension,
        dimension_value,
        change,
        share_of_movers,
        row_number() over (
            partition by metric, metric_date
            order by
                cast(change_share - usual_share as numeric(18, 6)) desc nulls last,
                dimension,
                dimension_value
        ) as place
    from parts_shared

),

final as (

    select
        -- dimensions
        flagged.metric,
        flagged.metric_date,
        case when flagged.robust_score > 0 then 'up' else 'down' end as direction,
        flagged.calendar_event,
        parts_ranked.dimension as explaining_dimension,
        parts_ranked.dimension_value as explaining_value,

        -- measures
        cast(flagged.value as {{ dbt.type_float() }}) as value,
        cast(flagged.expected_value as {{ dbt.type_float() }}) as expected_value,
        cast(flagged.lower_bound as {{ dbt.type_float() }}) as lower_bound,
        cast(flagged.upper_bound as {{ dbt.type_float() }}) as upper_bound,
        cast(flagged.robust_score as {{ dbt.type_float() }}) as robust_score,
        cast(parts_ranked.change as {{ dbt.type_float() }}) as explained_change,
        cast(parts_ranked.share_of_movers as {{ dbt.type_float() }}) as explained_share
    from flagged
    left join parts_ranked
        on
            flagged.metric = parts_ranked.metric
            and flagged.metric_date = parts_ranked.metric_date
            and parts_ranked.place = 1

)

select * from final
