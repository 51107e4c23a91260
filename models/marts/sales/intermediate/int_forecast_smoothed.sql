-- One row per series x origin x smoothing: the state of exponential smoothing after the last month
-- known, under the parameters that would have missed the months so far by least. Both smoothings
-- are one recursion on seasonally adjusted months: simple has no trend, damped has one that dies
-- away.
{%- set simple_alphas = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99] %}
{%- set damped_alphas = [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9] %}
{%- set trend_shares = [0.05, 0.2] %}
{%- set dampings = [0.8, 0.9, 0.98] %}
with recursive

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

-- A month of the year that never sells has no adjusted value; smoothing passes over it.
months_adjusted as (

    select
        indices.series_id,
        indices.origin_month_number,
        series.month_number,
        case
            when indices.seasonal_index > 0.05 then series.actual / indices.seasonal_index
        end as adjusted,
        case
            when series.month_number <= 12 and indices.seasonal_index > 0.05
                then series.actual / indices.seasonal_index
        end as first_year
    from series
    inner join indices
        on
            series.series_id = indices.series_id
            and series.month_number <= indices.origin_month_number
            and mod(series.month_number, 12) = indices.year_position

),

-- Both start on the line through the first year, simple smoothing on its mean.
lines_fitted as (

    select
        series_id,
        origin_month_number,
        count(first_year) as first_year_months,
        avg(case when first_year is not null then month_number end) as first_year_middle,
        {{ exact_avg('first_year') }} as first_year_mean,
        {{ exact_slope('first_year', 'month_number') }} as first_year_slope,
        case when count(adjusted) >= 6 then {{ exact_slope('adjusted', 'month_number') }} end
            as slope
    from months_adjusted
    group by series_id, origin_month_number

),

lines as (

    select
        series_id,
        origin_month_number,
        first_year_mean,
        slope,
        case when first_year_months >= 6 then first_year_slope end as first_year_slope,
        case
            when first_year_months >= 6
                then first_year_mean - first_year_slope * first_year_middle
        end as first_year_intercept
    from lines_fitted

),

parameters as (

    select
        smoothing,
        cast(alpha as {{ dbt.type_float() }}) as alpha,
        cast(beta as {{ dbt.type_float() }}) as beta,
        cast(phi as {{ dbt.type_float() }}) as phi
    from (
        values
        {%- for alpha in simple_alphas %}
        ('simple', {{ alpha }}, 0, 1),
        {%- endfor %}
        {%- for alpha in damped_alphas %}
        {%- set is_last_alpha = loop.last %}
        {%- for share in trend_shares %}
        {%- set is_last_share = loop.last %}
        {%- for phi in dampings %}
        ('damped', {{ alpha }}, {{ alpha }} * {{ share }}, {{ phi }})
        {{- ',' if not (is_last_alpha and is_last_share and loop.last) }}
        {%- endfor %}
        {%- endfor %}
        {%- endfor %}
    ) as grid (smoothing, alpha, beta, phi)

),

-- The error-correction form of Gardner & McKenzie's damped trend: forecast, miss, correct.
smoothed as (

    select
        lines.series_id,
        lines.origin_month_number,
        parameters.smoothing,
        parameters.alpha,
        parameters.beta,
        parameters.phi,
        cast(0 as bigint) as month_number,
        cast(
            case
                when parameters.smoothing = 'damped'
                    then coalesce(lines.first_year_intercept, lines.first_year_mean)
                else lines.first_year_mean
            end as {{ dbt.type_float() }}
        ) as level,
        cast(
            case
                when parameters.smoothing = 'damped' then coalesce(lines.first_year_slope, 0) else 0
            end as {{ dbt.type_float() }}
        ) as trend,
        cast(0 as {{ dbt.type_float() }}) as squared_errors
    from lines
    cross join parameters

    union all

    select
        smoothed.series_id,
        smoothed.origin_month_number,
        smoothed.smoothing,
        smoothed.alpha,
        smoothed.beta,
        smoothed.phi,
        months_adjusted.month_number,
        smoothed.level + smoothed.phi * smoothed.trend
        + smoothed.alpha * coalesce(
            months_adjusted.adjusted - smoothed.level - smoothed.phi * smoothed.trend, 0
        ) as level,
        smoothed.phi * smoothed.trend
        + smoothed.beta * coalesce(
            months_adjusted.adjusted - smoothed.level - smoothed.phi * smoothed.trend, 0
        ) as trend,
        smoothed.squared_errors + power(
            coalesce(
                months_adjusted.adjusted - smoothed.level - smoothed.phi * smoothed.trend, 0
            ), 2
        ) as squared_errors
    from smoothed
    inner join months_adjusted
        on
            smoothed.series_id = months_adjusted.series_id
            and smoothed.origin_month_number = months_adjusted.origin_month_number
            and smoothed.month_number + 1 = months_adjusted.month_number

),

ranked as (

    select
        *,
        row_number() over (
            partition by series_id, origin_month_number, smoothing
            order by squared_errors, alpha, beta, phi
        ) as place
    from smoothed
    where month_number = origin_month_number

),

final as (

    select
        ranked.series_id,
        cast(ranked.origin_month_number as bigint) as origin_month_number,
        ranked.smoothing,
        cast(ranked.alpha as {{ dbt.type_float() }}) as alpha,
        cast(ranked.beta as {{ dbt.type_float() }}) as beta,
        cast(ranked.phi as {{ dbt.type_float() }}) as phi,
        cast(ranked.level as {{ dbt.type_float() }}) as level,
        cast(ranked.trend as {{ dbt.type_float() }}) as trend,
        cast(coalesce(lines.slope, 0) as {{ dbt.type_float() }}) as slope,
        cast(ranked.squared_errors as {{ dbt.type_float() }}) as squared_errors
    from ranked
    inner join lines
        on
            ranked.series_id = lines.series_id
            and ranked.origin_month_number = lines.origin_month_number
    where ranked.place = 1

)

select * from final
