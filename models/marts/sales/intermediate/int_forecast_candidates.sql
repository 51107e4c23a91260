-- One row per series x origin x method x month ahead: what the method forecasts from that origin,
-- and what came, where it has. The newest origin is the forecast proper, the others the back-test.
with

series as (

    select
        series_id,
        month_number,
        actual
    from {{ ref('int_forecast_series') }}

),

indices as (

    select
        series_id,
        origin_month_number,
        year_position,
        seasonal_index
    from {{ ref('int_forecast_seasonal_indices') }}

),

smoothed as (

    select
        series_id,
        origin_month_number,
        smoothing,
        alpha,
        phi,
        level,
        trend,
        slope
    from {{ ref('int_forecast_smoothed') }}

),

-- months_back leads from the origin to the newest known month of the same name.
months_ahead as (
    {% for month in range(1, var('forecast_horizon_months') + 1) %}
    select
        {{ month }} as months_ahead,
        {{ (12 - month) % 12 }} as months_back
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

origins as (

    select
        series_id,
        origin_month_number,
        max(case when smoothing = 'simple' then alpha end) as simple_alpha,
        max(case when smoothing = 'simple' then level end) as simple_level,
        max(case when smoothing = 'damped' then phi end) as damped_phi,
        max(case when smoothing = 'damped' then level end) as damped_level,
        max(case when smoothing = 'damped' then trend end) as damped_trend,
        max(slope) as slope
    from smoothed
    group by series_id, origin_month_number

),

forecasts as (

    select
        origins.series_id,
        origins.origin_month_number,
        months_ahead.months_ahead,
        origins.origin_month_number + months_ahead.months_ahead as month_number,
        coalesce(year_before.actual, newest.actual) as seasonal_naive,
        newest.actual
        + months_ahead.months_ahead * coalesce(
            (newest.actual - first_months.actual) / nullif(origins.origin_month_number - 1, 0), 0
        ) as drift,
        coalesce(indices.seasonal_index, 1) * (
            origins.damped_level
            + origins.damped_trend * origins.damped_phi
            * (1 - power(origins.damped_phi, months_ahead.months_ahead)) / (1 - origins.damped_phi)
        ) as damped_trend,
        coalesce(indices.seasonal_index, 1) * (
            origins.simple_level
            + origins.slope / 2 * (
                months_ahead.months_ahead - 1
                + (1 - power(1 - origins.simple_alpha, origins.origin_month_number))
                / origins.simple_alpha
            )
        ) as theta
    from origins
    cross join months_ahead
    inner join series as newest
        on
            origins.series_id = newest.series_id
            and origins.origin_month_number = newest.month_number
    inner join series as first_months
        on
            origins.series_id = first_months.series_id
            and first_months.month_number = 1
    left join series as year_before
        on
            origins.series_id = year_before.series_id
            and origins.origin_month_number - months_ahead.months_back = year_before.month_number
    left join indices
        on
            origins.series_id = indices.series_id
            and origins.origin_month_number = indices.origin_month_number
            and mod(origins.origin_month_number + months_ahead.months_ahead, 12)
            = indices.year_position

),

by_method as (
    {% for method, forecast in [
        ('seasonal_naive', 'seasonal_naive'),
        ('drift', 'drift'),
        ('damped_trend', 'damped_trend'),
        ('theta', 'theta'),
        ('combination', '(damped_trend + theta) / 2'),
    ] %}
    select
        series_id,
        origin_month_number,
        '{{ method }}' as method,
        months_ahead,
        month_number,
        greatest({{ forecast }}, 0) as forecast
    from forecasts
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        by_method.series_id,
        cast(by_method.origin_month_number as bigint) as origin_month_number,
        by_method.method,
        cast(by_method.months_ahead as bigint) as months_ahead,
        cast(by_method.month_number as bigint) as month_number,
        cast(by_method.forecast as {{ dbt.type_float() }}) as forecast,
        series.actual
    from by_method
    left join series
        on
            by_method.series_id = series.series_id
            and by_method.month_number = series.month_number

)

select * from final
