-- One row per day of the calendar years from the first order to the as-of date.
with

-- The spine spans every valid date, so that compiling needs no look at the data.
days as (

    {{ dbt_utils.date_spine(
        datepart='day',
        start_date="cast('" ~ var('earliest_valid_date') ~ "' as date)",
        end_date="cast('" ~ var('latest_valid_date') ~ "' as date)"
    ) }}

),

clock as (

    select
        as_of_date,
        first_order_date
    from {{ ref('dim_clock') }}

),

calendar_events as (

    select
        event_date,
        event_name
    from {{ ref('ref_calendar_events') }}

),

days_of_shop as (

    select
        cast(days.date_day as date) as date_day,
        clock.as_of_date
    from days
    inner join clock
        on
            days.date_day >= {{ dbt.date_trunc('year', 'clock.first_order_date') }}
            and days.date_day
            < {{ dbt.dateadd('year', 1, dbt.date_trunc('year', 'clock.as_of_date')) }}

),

parts as (

    select
        date_day,
        as_of_date,
        cast(extract(year from date_day) as integer) as year_number,
        cast(extract(quarter from date_day) as integer) as quarter_number,
        cast(extract(month from date_day) as integer) as month_number,
        cast(extract(week from date_day) as integer) as iso_week_number,
        cast(extract(day from date_day) as integer) as day_of_month,
        {{ iso_day_of_week('date_day') }} as day_of_week,
        cast({{ dbt.date_trunc('week', 'date_day') }} as date) as week_start_date,
        cast({{ dbt.date_trunc('month', 'date_day') }} as date) as month_start_date,
        cast({{ dbt.date_trunc('quarter', 'date_day') }} as date) as quarter_start_date,
        cast({{ dbt.last_day('date_day', 'month') }} as date) as month_end_date
    from days_of_shop

),

final as (

    select
        -- identifiers
        parts.date_day,

        -- dimensions
        case parts.month_number
            {%- for name in [
                'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August',
                'September', 'October', 'November', 'December',
            ] %}
            when {{ loop.index }} then '{{ name }}'
            {%- endfor %}
        end as month_name,
        case parts.day_of_week
            {%- for name in [
                'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday',
            ] %}
            when {{ loop.index }} then '{{ name }}'
            {%- endfor %}
        end as day_name,
        calendar_events.event_name as calendar_event,
        parts.year_number,
        parts.quarter_number,
        parts.month_number,
        parts.iso_week_number,
        parts.day_of_month,
        parts.day_of_week,

        -- metadata
        parts.day_of_week >= 6 as is_weekend,
        parts.date_day > parts.as_of_date as is_future,
        parts.month_end_date <= parts.as_of_date as is_month_complete,
        parts.week_start_date,
        parts.month_start_date,
        parts.quarter_start_date
    from parts
    left join calendar_events on parts.date_day = calendar_events.event_date

)

select * from final
