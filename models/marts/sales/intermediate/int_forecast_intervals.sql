-- One row per series x origin x method x month ahead: the candidates with prediction intervals and
-- the champion marked. The combination is champion, in the first year seasonal naive, unless
-- another method missed the months of the back-test by less, and by a margin that is no accident.
with

candidates as (

    select
        series_id,
        origin_month_number,
        method,
        months_ahead,
        month_number,
        forecast,
        actual
    from {{ ref('int_forecast_candidates') }}

),

-- A fold is judged by the misses of the other folds, the newest origin by those of all.
errors_of_others as (

    select
        *,
        origin_month_number = max(origin_month_number) over (partition by series_id)
            as is_newest_origin,
        {{ exact_sum(
            'power(actual - forecast, 2)', 12, over='partition by series_id, method, months_ahead'
        ) }} - coalesce(power(actual - forecast, 2), 0) as squared_errors,
        count(actual) over (partition by series_id, method, months_ahead)
        - case when actual is null then 0 else 1 end as errors
    from candidates

),

-- The months further ahead are never surer than the nearer ones.
spread as (

    select
        *,
        max(
            case when errors >= 3 then sqrt(greatest(squared_errors, 0) / errors) end
        ) over (
            partition by series_id, origin_month_number, method
            order by months_ahead
            rows between unbounded preceding and current row
        ) as standard_error,
        min(case when errors >= 3 then errors end) over (
            partition by series_id, origin_month_number, method
            order by months_ahead
            rows between unbounded preceding and current row
        ) as degrees_of_freedom
    from errors_of_others

),

mean_errors as (

    select
        series_id,
        method,
        case
            when max(origin_month_number) <= 12 then 'seasonal_naive' else 'combination'
        end as incumbent,
        {{ exact_avg('abs(actual - forecast)') }} as mean_error
    from candidates
    group by series_id, method

),

champions as (

    select
        challengers.series_id,
        challengers.method,
        row_number() over (
            partition by challengers.series_id
            order by
                case
                    when
                        challengers.mean_error
                        < incumbents.mean_error
                        * (100 - {{ constant('forecast_margin_percent') }}) / 100.0
                        then 1
                    when challengers.method = incumbents.method then 2
                    else 3
                end,
                {{ as_decimal('challengers.mean_error', 2) }},
                challengers.method
        ) as place
    from mean_errors as challengers
    inner join mean_errors as incumbents
        on
            challengers.series_id = incumbents.series_id
            and challengers.incumbent = incumbents.method

),

-- Quantiles of Student's t as an expansion around those of the normal distribution, z
-- (Abramowitz & Stegun 26.7.5).
quantiles as (

    select
        {%- for level, z in [(80, 1.2815516), (95, 1.9599640)] %}
        standard_error * (
            {{ z }}
            + {{ (z ** 3 + z) / 4 }} / degrees_of_freedom
            + {{ (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96 }} / power(degrees_of_freedom, 2)
            + {{ (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384 }}
            / power(degrees_of_freedom, 3)
        ) as half_width_{{ level }},
        {%- endfor %}
        series_id,
        origin_month_number,
        method,
        months_ahead,
        month_number,
        forecast,
        actual,
        is_newest_origin
    from spread

),

final as (

    select
        quantiles.series_id,
        quantiles.origin_month_number,
        quantiles.method,
        quantiles.months_ahead,
        quantiles.month_number,
        quantiles.forecast,
        case
            when quantiles.half_width_80 > quantiles.forecast then 0
            else quantiles.forecast - quantiles.half_width_80
        end as lower_80,
        quantiles.forecast + quantiles.half_width_80 as upper_80,
        case
            when quantiles.half_width_95 > quantiles.forecast then 0
            else quantiles.forecast - quantiles.half_width_95
        end as lower_95,
        quantiles.forecast + quantiles.half_width_95 as upper_95,
        quantiles.actual,
        cast(
            count(quantiles.actual) over (partition by quantiles.series_id, quantiles.method)
            as bigint
        ) as backtest_forecasts,
        champions.place = 1 as is_champion,
        quantiles.is_newest_origin
    from quantiles
    inner join champions
        on
            quantiles.series_id = champions.series_id
            and quantiles.method = champions.method

)

select * from final
