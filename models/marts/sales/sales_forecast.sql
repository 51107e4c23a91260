-- One row per month ahead: the champion's forecast of the month's revenue, with intervals. Months
-- not complete are forecast, never learnt from: the running month is the first one ahead.
with

months as (

    select
        month_number,
        sale_month
    from {{ ref('int_forecast_series') }}
    where series_id = 'net_revenue'

),

clock as (

    select as_of_month
    from {{ ref('dim_clock') }}

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
        backtest_forecasts,
        is_champion
    from {{ ref('int_forecast_intervals') }}
    where series_id = 'net_revenue' and is_newest_origin

),

final as (

    select
        cast({{ dbt.dateadd('month', 'forecasts.months_ahead', 'months.sale_month') }} as date)
            as forecast_month,
        forecasts.method,
        case
            when forecasts.backtest_forecasts = 0 then 'too_little_history'
            when forecasts.origin_month_number <= 12 then 'no_full_year'
            when forecasts.origin_month_number < 24 then 'less_than_two_years'
            else 'ok'
        end as status,
        forecasts.months_ahead,
        {{ as_decimal('forecasts.forecast') }} as forecast_revenue,
        {{ as_decimal('forecasts.lower_80') }} as lower_80,
        {{ as_decimal('forecasts.upper_80') }} as upper_80,
        {{ as_decimal('forecasts.lower_95') }} as lower_95,
        {{ as_decimal('forecasts.upper_95') }} as upper_95,
        {{ as_decimal('naive.forecast') }} as seasonal_naive_revenue,
        forecasts.origin_month_number as history_months,
        cast(
            {{ dbt.dateadd('month', 'forecasts.months_ahead', 'months.sale_month') }} as date
        ) = clock.as_of_month as is_running_month
    from forecasts
    cross join clock
    inner join months on forecasts.origin_month_number = months.month_number
    inner join forecasts as naive
        on
            forecasts.months_ahead = naive.months_ahead
            and naive.method = 'seasonal_naive'
    where forecasts.is_champion

)

select * from final
