-- One row per period type x period: how far a month of the year, weekday, hour or calendar event
-- stands above or below the trend. Each effect is cleared of those before it: trend, month,
-- weekday, event. Events count for their month, not their weekday: Black Friday makes no Friday.
{%- set most = var('seasonality_outlier_ratio') %}
with

clock as (

    select
        as_of_date,
        first_order_date
    from {{ ref('dim_clock') }}

),

dates as (

    select
        date_day,
        month_start_date,
        month_name,
        day_name,
        calendar_event,
        year_number,
        month_number,
        day_of_week
    from {{ ref('dim_dates') }}

),

orders as (

    select
        order_date,
        net_sales,
        cast(extract(hour from ordered_at) as integer) as hour_number,
        ordered_at > cast(order_date as timestamp) as has_time
    from {{ ref('fct_orders') }}
    where is_sale

),

measures as (

    select 'revenue' as measure
    union all
    select 'orders' as measure

),

-- Revenue and orders go through the same steps as rows of two measures.
orders_by_measure as (

    select
        'revenue' as measure,
        order_date,
        hour_number,
        has_time,
        cast(net_sales as {{ dbt.type_float() }}) as sold
    from orders
    union all
    select
        'orders' as measure,
        order_date,
        hour_number,
        has_time,
        cast(1 as {{ dbt.type_float() }}) as sold
    from orders

),

orders_summed_to_day as (

    select
        measure,
        order_date,
        sum(sold) as sold
    from orders_by_measure
    group by measure, order_date

),

days as (

    select
        measures.measure,
        dates.date_day,
        dates.month_start_date,
        dates.month_name,
        dates.day_name,
        dates.calendar_event,
        dates.year_number,
        dates.month_number,
        dates.day_of_week,
        coalesce(orders_summed_to_day.sold, 0) as sold
    from dates
    inner join clock on dates.date_day between clock.first_order_date and clock.as_of_date
    cross join measures
    left join orders_summed_to_day
        on
            measures.measure = orders_summed_to_day.measure
            and dates.date_day = orders_summed_to_day.order_date

),

months as (

    select
        measure,
        month_start_date,
        row_number() over (partition by measure order by month_start_date) as month_of_shop,
        avg(sold) as sold_per_day
    from days
    group by measure, month_start_date

),

{{ centred_trend('months', ['measure'], 'month_of_shop', 'sold_per_day') }},

days_with_trend as (

    select
        days.*,
        case when months_with_trend.trend > 0 then months_with_trend.trend end as trend
    from days
    inner join months_with_trend
        on
            days.measure = months_with_trend.measure
            and days.month_start_date = months_with_trend.month_start_date

),

month_indices as (

    select
        measure,
        month_number,
        month_name,
        count(*) as observations,
        count(distinct year_number) as years,
        avg(least(sold, {{ most }} * trend) / trend)
        / nullif(avg(avg(least(sold, {{ most }} * trend) / trend)) over (partition by measure), 0)
            as seasonal_index
    from days_with_trend
    group by measure, month_number, month_name

),

days_with_month as (

    select
        days_with_trend.*,
        days_with_trend.trend * nullif(month_indices.seasonal_index, 0) as trend_and_month
    from days_with_trend
    inner join month_indices
        on
            days_with_trend.measure = month_indices.measure
            and days_with_trend.month_number = month_indices.month_number

),

weekday_indices as (

    select
        measure,
        day_of_week,
        day_name,
        count(*) as observations,
        count(distinct year_number) as years,
        avg(least(sold, {{ most }} * trend_and_month) / trend_and_month)
        / nullif(
            avg(avg(least(sold, {{ most }} * trend_and_month) / trend_and_month))
                over (partition by measure), 0
        )
            as seasonal_index
    from days_with_month
    where calendar_event is null
    group by measure, day_of_week, day_name

),

days_with_weekday as (

    select
        days_with_month.*,
        days_with_month.trend_and_month * nullif(weekday_indices.seasonal_index, 0) as expected
    from days_with_month
    inner join weekday_indices
        on
            days_with_month.measure = weekday_indices.measure
            and days_with_month.day_of_week = weekday_indices.day_of_week

),

ordinary_days as (

    select
        measure,
        avg(least(sold, {{ most }} * expected) / expected) as ratio,
        stddev_samp(least(sold, {{ most }} * expected) / expected) as spread
    from days_with_weekday
    where calendar_event is null
    group by measure

),

-- An event is what it is, however far it stands out.
event_indices as (

    select
        days_with_weekday.measure,
        days_with_weekday.calendar_event,
        min(days_with_weekday.month_number) as month_number,
        count(*) as observations,
        count(distinct days_with_weekday.year_number) as years,
        avg(days_with_weekday.sold / days_with_weekday.expected)
        / nullif(max(ordinary_days.ratio), 0) as seasonal_index
    from days_with_weekday
    inner join ordinary_days on days_with_weekday.measure = ordinary_days.measure
    where days_with_weekday.calendar_event is not null
    group by days_with_weekday.measure, days_with_weekday.calendar_event

),

hours as (
    {% for hour in range(24) %}
    select
        {{ hour }} as hour_number,
        '{{ '%02d:00' % hour }}' as hour_name
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- Hours need no trend: each is compared with the other hours of the same days.
hours_sold as (

    select
        days.measure,
        hours.hour_number,
        hours.hour_name,
        count(distinct days.date_day) as observations,
        count(distinct days.year_number) as years,
        sum(
            case
                when hours.hour_number = orders_by_measure.hour_number then orders_by_measure.sold
                else 0
            end
        ) as sold
    from days
    inner join orders_by_measure
        on
            days.measure = orders_by_measure.measure
            and days.date_day = orders_by_measure.order_date
    cross join hours
    where days.calendar_event is null
    group by days.measure, hours.hour_number, hours.hour_name
    having bool_or(orders_by_measure.has_time)

),

indices as (

    select
        'month' as period_type,
        month_number as period_number,
        month_name as period_name,
        measure,
        observations,
        years,
        seasonal_index
    from month_indices
    union all
    select
        'weekday' as period_type,
        day_of_week as period_number,
        day_name as period_name,
        measure,
        observations,
        years,
        seasonal_index
    from weekday_indices
    union all
    select
        'hour' as period_type,
        hour_number as period_number,
        hour_name as period_name,
        measure,
        observations,
        years,
        sold / nullif(avg(sold) over (partition by measure), 0) as seasonal_index
    from hours_sold
    union all
    select
        'event' as period_type,
        month_number as period_number,
        calendar_event as period_name,
        measure,
        observations,
        years,
        seasonal_index
    from event_indices

),

periods as (

    select
        period_type,
        period_number,
        period_name,
        max(case when measure = 'revenue' then seasonal_index end) as revenue_index,
        max(case when measure = 'orders' then seasonal_index end) as orders_index,
        max(observations) as observations,
        max(years) as years
    from indices
    group by period_type, period_number, period_name

),

-- Chance: how much the mean of so many ordinary days would differ between samples of them.
periods_with_error as (

    select
        periods.*,
        case
            when periods.period_type <> 'hour'
                then
                    ordinary_days.spread / nullif(ordinary_days.ratio, 0)
                    / sqrt(cast(periods.observations as {{ dbt.type_float() }}))
        end as revenue_index_error
    from periods
    left join ordinary_days on ordinary_days.measure = 'revenue'

),

final as (

    select
        periods_with_error.period_type,
        periods_with_error.period_name,
        case
            when
                periods_with_error.period_type in ('month', 'event')
                and {{ dbt.dateadd('year', 2, 'clock.first_order_date') }}
                > {{ dbt.dateadd('day', 1, 'clock.as_of_date') }}
                then 'less_than_two_years'
            when
                periods_with_error.period_type in ('weekday', 'hour')
                and {{ dbt.dateadd('day', 56, 'clock.first_order_date') }}
                > {{ dbt.dateadd('day', 1, 'clock.as_of_date') }}
                then 'less_than_eight_weeks'
            else 'ok'
        end as status,
        cast(periods_with_error.period_number as bigint) as period_number,
        {{ as_decimal('periods_with_error.revenue_index', 6) }} as revenue_index,
        {{ as_decimal('periods_with_error.revenue_index_error', 6) }} as revenue_index_error,
        {{ as_decimal('periods_with_error.orders_index', 6) }} as orders_index,
        cast(periods_with_error.observations as bigint) as observations,
        cast(periods_with_error.years as bigint) as years,
        coalesce(
            {{ as_decimal('periods_with_error.revenue_index', 6) }}
            >= 1 + {{ var('seasonality_peak_percent') }} / 100.0
            and (
                periods_with_error.revenue_index_error is null
                or periods_with_error.revenue_index - 1
                > {{ var('seasonality_peak_errors') }} * periods_with_error.revenue_index_error
            ),
            false
        ) as is_peak
    from periods_with_error
    cross join clock

)

select * from final
