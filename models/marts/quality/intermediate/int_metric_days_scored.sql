-- One row per metric x day from its first one to the as-of date, days on which nothing happened
-- included (but a rate needs something to be a rate of): its figure as a score, which would have
-- unit variance if only chance were at work. Anscombe's root for sums, standard errors for rates.
with

metric_days as (

    select
        metric,
        metric_date,
        value,
        base,
        squares
    from {{ ref('metric_days') }}
    where dimension = 'all'

),

days as (

    select
        date_day,
        calendar_event,
        day_of_week
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
        {{ exact_sum('squares', 4) }} / nullif(cast(sum(value) as double precision), 0) as unit,
        count(base) > 0 as is_rate,
        min(metric_date) as first_date
    from metric_days
    group by metric

),

totals as (

    select
        metrics.metric,
        days.date_day as metric_date,
        days.calendar_event,
        days.day_of_week,
        metrics.unit,
        cast(coalesce(metric_days.value, 0) as double precision) as value,
        cast(metric_days.base as double precision) as base,
        metrics.is_rate
    from metrics
    cross join clock
    inner join days
        on
            clock.first_order_date <= days.date_day
            and metrics.first_date <= days.date_day
            and clock.as_of_date >= days.date_day
    left join metric_days
        on metrics.metric = metric_days.metric and days.date_day = metric_days.metric_date
    where not metrics.is_rate or metric_days.base > 0

),

-- The rate of the days around, the day itself left out. Counts add up exactly as floats.
totals_with_rate as (

    select
        *,
        case
            when is_rate
                then
                    (sum(value) over around_day - value)
                    / nullif(sum(base) over around_day - base, 0)
        end as usual_rate
    from totals
    window around_day as (
        partition by metric
        order by metric_date
        range between interval '{{ var("anomaly_window_days") }} days' preceding
        and interval '{{ var("anomaly_window_days") }} days' following
    )

),

final as (

    select
        metric,
        metric_date,
        calendar_event,
        day_of_week,
        unit,
        value,
        base,
        usual_rate,
        case
            when is_rate
                then
                    (value - base * usual_rate)
                    / nullif(sqrt(base * usual_rate * greatest(1 - usual_rate, 0)), 0)
            else 2 * sqrt(greatest(value, 0) / unit + 0.375)
        end as score,
        is_rate
    from totals_with_rate

)

select * from final
