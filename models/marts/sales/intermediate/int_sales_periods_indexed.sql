-- One row per measure x month of the year, weekday and calendar event: how far it stands above or
-- below the trend. Each effect is cleared of those before it: trend, month, weekday, event. Events
-- count for their month, not their weekday: Black Friday makes no Friday.
{%- set most = var('seasonality_outlier_ratio') %}
with

days as (

    select
        measure,
        month_name,
        day_name,
        calendar_event,
        year_number,
        month_number,
        day_of_week,
        sold,
        trend
    from {{ ref('int_sales_days_trended') }}

),

month_ratios as (

    select
        measure,
        month_number,
        month_name,
        count(*) as observations,
        count(distinct year_number) as years,
        {{ exact_avg('least(sold, ' ~ most ~ ' * trend) / trend') }} as ratio
    from days
    group by measure, month_number, month_name

),

month_indices as (

    select
        *,
        ratio / nullif({{ exact_avg('ratio', over='partition by measure') }}, 0) as seasonal_index
    from month_ratios

),

days_with_month as (

    select
        days.*,
        days.trend * nullif(month_indices.seasonal_index, 0) as trend_and_month
    from days
    inner join month_indices
        on
            days.measure = month_indices.measure
            and days.month_number = month_indices.month_number

),

weekday_ratios as (

    select
        measure,
        day_of_week,
        day_name,
        count(*) as observations,
        count(distinct year_number) as years,
        {{ exact_avg('least(sold, ' ~ most ~ ' * trend_and_month) / trend_and_month') }} as ratio
    from days_with_month
    where calendar_event is null
    group by measure, day_of_week, day_name

),

weekday_indices as (

    select
        *,
        ratio / nullif({{ exact_avg('ratio', over='partition by measure') }}, 0) as seasonal_index
    from weekday_ratios

),

days_with_weekday as (

    select
        days_with_month.measure,
        days_with_month.calendar_event,
        days_with_month.year_number,
        days_with_month.month_number,
        days_with_month.sold,
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
        {{ exact_avg('least(sold, ' ~ most ~ ' * expected) / expected') }} as ratio,
        sqrt({{ exact_variance('(least(sold, ' ~ most ~ ' * expected) / expected)') }}) as spread
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
        {{ exact_avg('days_with_weekday.sold / days_with_weekday.expected') }}
        / nullif(max(ordinary_days.ratio), 0) as seasonal_index
    from days_with_weekday
    inner join ordinary_days on days_with_weekday.measure = ordinary_days.measure
    where days_with_weekday.calendar_event is not null
    group by days_with_weekday.measure, days_with_weekday.calendar_event

),

periods as (

    {%- for period_type, number, name in [
        ('month', 'month_number', 'month_name'),
        ('weekday', 'day_of_week', 'day_name'),
        ('event', 'month_number', 'calendar_event'),
    ] %}
    select
        measure,
        '{{ period_type }}' as period_type,
        {{ name }} as period_name,
        {{ number }} as period_number,
        observations,
        years,
        seasonal_index
    from {{ period_type }}_indices
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}

),

-- Chance: how much the mean of so many ordinary days would differ between samples of them.
final as (

    select
        periods.measure,
        periods.period_type,
        periods.period_name,
        periods.period_number,
        periods.observations,
        periods.years,
        periods.seasonal_index,
        ordinary_days.spread / nullif(ordinary_days.ratio, 0)
        / sqrt(cast(periods.observations as {{ dbt.type_float() }})) as index_error
    from periods
    left join ordinary_days on periods.measure = ordinary_days.measure

)

select * from final
