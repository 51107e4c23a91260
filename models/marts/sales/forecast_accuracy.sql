-- One row per method x scope: how far the method missed in the back-test, over all forecasts, by
-- months ahead, by fold, and by single forecast.
with

months as (

    select
        month_number,
        sale_month,
        actual,
        abs(actual - lag(actual, 1) over (order by month_number)) as naive_error,
        abs(actual - lag(actual, 12) over (order by month_number)) as seasonal_naive_error
    from {{ ref('int_forecast_series') }}
    where series_id = 'net_revenue'

),

forecasts as (

    select
        origin_month_number,
        method,
        months_ahead,
        forecast,
        lower_80,
        upper_80,
        lower_95,
        upper_95,
        actual,
        is_champion
    from {{ ref('int_forecast_intervals') }}
    where series_id = 'net_revenue' and actual is not null

),

-- What a naive forecast missed by in the months each fold knew: the unit of MASE.
folds as (

    select
        month_number,
        sale_month as fold_month,
        case
            when month_number >= 24 then avg(seasonal_naive_error) over (order by month_number)
            else avg(naive_error) over (order by month_number)
        end as scale
    from months

),

errors as (

    select
        forecasts.method,
        folds.fold_month,
        forecasts.months_ahead,
        forecasts.is_champion,
        forecasts.forecast - forecasts.actual as error,
        abs(forecasts.forecast - forecasts.actual) as absolute_error,
        case
            when forecasts.actual > 0
                then abs(forecasts.forecast - forecasts.actual) / forecasts.actual
        end as relative_error,
        {%- for level in [80, 95] %}
        case
            when forecasts.actual < forecasts.lower_{{ level }} then 0
            when forecasts.actual > forecasts.upper_{{ level }} then 0
            when forecasts.lower_{{ level }} is not null then 1
        end as is_inside_{{ level }},
        {%- endfor %}
        abs(forecasts.forecast - forecasts.actual) / nullif(folds.scale, 0) as scaled_error
    from forecasts
    inner join folds on forecasts.origin_month_number = folds.month_number

),

summed as (

    select
        method,
        case
            when grouping(fold_month) = 1 and grouping(months_ahead) = 1 then 'all'
            when grouping(fold_month) = 1 then 'months_ahead'
            when grouping(months_ahead) = 1 then 'fold'
            else 'forecast'
        end as scope,
        fold_month,
        months_ahead,
        bool_or(is_champion) as is_champion,
        count(*) as forecasts,
        avg(error) as mean_error,
        avg(absolute_error) as mean_absolute_error,
        avg(relative_error) as mean_relative_error,
        avg(scaled_error) as mean_scaled_error,
        avg(cast(is_inside_80 as {{ dbt.type_float() }})) as coverage_80,
        avg(cast(is_inside_95 as {{ dbt.type_float() }})) as coverage_95
    from errors
    group by
        grouping sets (
            (method), (method, months_ahead), (method, fold_month),
            (method, months_ahead, fold_month)
        )

),

compared as (

    select
        *,
        max(case when method = 'seasonal_naive' then mean_absolute_error end) over (
            partition by scope, fold_month, months_ahead
        ) as naive_error,
        min(mean_absolute_error) over (
            partition by scope, fold_month, months_ahead
        ) as least_error
    from summed

),

final as (

    select
        method,
        scope,
        case
            when method <> 'seasonal_naive' and mean_absolute_error < naive_error
                then 'beats seasonal naive'
            when method <> 'seasonal_naive' then 'does not beat seasonal naive'
            when least_error < naive_error then 'is beaten'
            else 'nothing beats it'
        end as verdict,
        cast(months_ahead as bigint) as months_ahead,
        cast(forecasts as bigint) as forecasts,
        {{ as_decimal('mean_absolute_error') }} as mae,
        {{ as_decimal('mean_error') }} as mean_error,
        {{ as_decimal('mean_relative_error', 6) }} as mape,
        {{ as_decimal('mean_scaled_error', 6) }} as mase,
        {{ as_decimal('mean_absolute_error / nullif(naive_error, 0)', 6) }} as mae_to_naive,
        {{ as_decimal('coverage_80', 6) }} as coverage_80,
        {{ as_decimal('coverage_95', 6) }} as coverage_95,
        is_champion,
        fold_month
    from compared

)

select * from final
