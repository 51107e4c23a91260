-- What will the coming months sell, and will they beat last year's?
-- How to read it: plan goods and money on forecast_revenue, be safe down to lower_80; where verdict
-- says very likely, even the low end beats last year's month.
-- Reads sales_forecast, forecast_accuracy, monthly_sales.
--
-- Net revenue by month as the champion of the back-test forecasts it; nine of ten times it is not
-- below lower_80 (four of five lie between both ends). usual_miss is by how much the champion
-- missed the months of the back-test that lay equally far ahead, on average.
with

forecasts as (

    select
        forecast_month,
        method,
        months_ahead,
        forecast_revenue,
        lower_80,
        upper_80,
        is_running_month,
        cast({{ dbt.dateadd('year', -1, 'forecast_month') }} as date) as month_last_year
    from {{ ref('sales_forecast') }}

),

misses as (

    select
        months_ahead,
        mape as usual_miss
    from {{ ref('forecast_accuracy') }}
    where scope = 'months_ahead' and is_champion

),

sales as (

    select
        sale_month,
        net_revenue
    from {{ ref('monthly_sales') }}
    where is_complete

)

select
    forecasts.forecast_month,
    case
        when sales.net_revenue is null then 'no month to compare with'
        when forecasts.lower_80 > sales.net_revenue then 'more, very likely'
        when forecasts.upper_80 < sales.net_revenue then 'less, very likely'
        when forecasts.forecast_revenue > sales.net_revenue then 'more, likely'
        when forecasts.forecast_revenue < sales.net_revenue then 'less, likely'
        else 'as much'
    end as verdict,
    forecasts.forecast_revenue,
    forecasts.lower_80,
    forecasts.upper_80,
    sales.net_revenue as revenue_last_year,
    {{ growth('forecasts.forecast_revenue', 'sales.net_revenue') }} as expected_growth,
    misses.usual_miss,
    forecasts.method,
    forecasts.is_running_month
from forecasts
left join sales on forecasts.month_last_year = sales.sale_month
left join misses on forecasts.months_ahead = misses.months_ahead
order by forecasts.forecast_month
