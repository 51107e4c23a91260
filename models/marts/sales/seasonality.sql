-- One row per period type x period: how far a month of the year, weekday, hour or calendar event
-- stands above or below the trend.
with

clock as (

    select
        as_of_date,
        first_order_date
    from {{ ref('dim_clock') }}

),

periods_of_the_calendar as (

    select
        measure,
        period_type,
        period_name,
        period_number,
        observations,
        years,
        seasonal_index,
        index_error
    from {{ ref('int_sales_periods_indexed') }}

),

hours as (

    select
        measure,
        period_name,
        period_number,
        observations,
        years,
        seasonal_index
    from {{ ref('int_sales_hours_indexed') }}

),

indices as (

    select
        period_type,
        period_name,
        period_number,
        measure,
        observations,
        years,
        seasonal_index,
        index_error
    from periods_of_the_calendar
    union all
    select
        'hour' as period_type,
        period_name,
        period_number,
        measure,
        observations,
        years,
        seasonal_index,
        null as index_error
    from hours

),

periods as (

    select
        period_type,
        period_name,
        period_number,
        case
            when period_type in ('month', 'event') then 'less_than_two_years'
            else 'less_than_eight_weeks'
        end as status_of_the_young,
        max(case when measure = 'revenue' then seasonal_index end) as revenue_index,
        max(case when measure = 'revenue' then index_error end) as revenue_index_error,
        max(case when measure = 'orders' then seasonal_index end) as orders_index,
        max(observations) as observations,
        max(years) as years
    from indices
    group by period_type, period_name, period_number

),

final as (

    select
        periods.period_type,
        periods.period_name,
        case
            when
                case periods.status_of_the_young
                    when 'less_than_two_years'
                        then {{ dbt.dateadd('year', 2, 'clock.first_order_date') }}
                    else {{ dbt.dateadd('day', 56, 'clock.first_order_date') }}
                end
                > {{ dbt.dateadd('day', 1, 'clock.as_of_date') }}
                then periods.status_of_the_young
            else 'ok'
        end as status,
        cast(periods.period_number as bigint) as period_number,
        {{ as_decimal('periods.revenue_index', 6) }} as revenue_index,
        {{ as_decimal('periods.revenue_index_error', 6) }} as revenue_index_error,
        {{ as_decimal('periods.orders_index', 6) }} as orders_index,
        cast(periods.observations as bigint) as observations,
        cast(periods.years as bigint) as years,
        coalesce(
            {{ as_decimal('periods.revenue_index', 6) }}
            >= 1 + {{ var('seasonality_peak_percent') }} / 100.0
            and (
                periods.revenue_index_error is null
                or periods.revenue_index - 1
                > {{ constant('seasonality_peak_errors') }} * periods.revenue_index_error
            ),
            false
        ) as is_peak
    from periods
    cross join clock

)

select * from final
