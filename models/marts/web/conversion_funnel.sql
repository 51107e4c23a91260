-- One row per day x channel x device from the first session to the as-of date: how many sessions
-- reached each step, how fast they bought, and what leaving at each step cost. A session counts on
-- the day it began.
{%- set steps = funnel_steps() %}
{%- set names = ['product_view', 'cart', 'checkout', 'purchase'] %}
with

sessions as (

    select
        session_id,
        channel,
        device,
        net_sales,
        is_converted,
        session_date,
        started_at
    from {{ ref('fct_sessions') }}

),

session_steps as (

    select
        session_id,
        step_number,
        reached_at
    from {{ ref('int_sessions_stepped') }}

),

days as (

    select date_day
    from {{ ref('dim_dates') }}

),

clock as (

    select as_of_date
    from {{ ref('dim_clock') }}

),

steps_summed_to_session as (

    select
        session_id,
        max(step_number) as last_step,
        max(case when step_number = {{ steps | length }} then reached_at end) as purchased_at
    from session_steps
    group by session_id

),

sessions_stepped as (

    select
        sessions.session_id,
        sessions.channel,
        sessions.device,
        sessions.net_sales,
        sessions.is_converted,
        coalesce(steps_summed_to_session.last_step, 0) as last_step,
        {{ dbt.datediff(
            'sessions.started_at', 'steps_summed_to_session.purchased_at', 'second'
        ) }} as seconds_to_convert,
        sessions.session_date
    from sessions
    left join steps_summed_to_session
        on sessions.session_id = steps_summed_to_session.session_id

),

-- What a session that got so far sold on average, over the whole shop and all days.
value_of_steps as (

    select
        {%- for name in names %}
        {%- if not loop.first %},{% endif %}
        {{ divide(
            'sum(case when last_step = ' ~ (steps | length) ~ ' then net_sales else 0 end)',
            'sum(case when last_step >= ' ~ loop.index ~ ' then 1 else 0 end)',
            6
        ) }} as value_at_{{ name }}
        {%- endfor %}
    from sessions_stepped

),

sessions_summed_to_day as (

    select
        session_date,
        channel,
        device,
        count(*) as sessions,
        {%- for name in names %}
        sum(case when last_step >= {{ loop.index }} then 1 else 0 end) as {{ name }}_sessions,
        {%- endfor %}
        sum(case when is_converted then 1 else 0 end) as converted_sessions,
        sum(net_sales) as net_sales,
        percentile_cont(0.5) within group (order by seconds_to_convert)
            as median_seconds_to_convert,
        percentile_cont(0.9) within group (order by seconds_to_convert) as p90_seconds_to_convert
    from sessions_stepped
    group by session_date, channel, device

),

ways as (

    select distinct
        channel,
        device
    from sessions

),

range_of_days as (

    select min(session_date) as first_day
    from sessions

),

grid as (

    select
        days.date_day as session_date,
        ways.channel,
        ways.device
    from days
    cross join clock
    inner join range_of_days
        on days.date_day >= range_of_days.first_day and days.date_day <= clock.as_of_date
    cross join ways

),

counted as (

    select
        grid.session_date,
        grid.channel,
        grid.device,
        coalesce(sessions_summed_to_day.sessions, 0) as sessions,
        {%- for name in names %}
        coalesce(sessions_summed_to_day.{{ name }}_sessions, 0) as {{ name }}_sessions,
        {%- endfor %}
        coalesce(sessions_summed_to_day.converted_sessions, 0) as converted_sessions,
        coalesce(sessions_summed_to_day.net_sales, 0) as net_sales,
        sessions_summed_to_day.median_seconds_to_convert,
        sessions_summed_to_day.p90_seconds_to_convert
    from grid
    left join sessions_summed_to_day
        on
            grid.session_date = sessions_summed_to_day.session_date
            and grid.channel = sessions_summed_to_day.channel
            and grid.device = sessions_summed_to_day.device

),

final as (

    select
        -- dimensions
        counted.session_date,
        counted.channel,
        counted.device,

        -- measures
        cast(counted.sessions as bigint) as sessions,
        {%- for name in names %}
        cast(counted.{{ name }}_sessions as bigint) as {{ name }}_sessions,
        {%- endfor %}
        cast(counted.converted_sessions as bigint) as converted_sessions,
        {%- for name in names %}
        {{ divide(
            'counted.' ~ name ~ '_sessions',
            'counted.sessions' if loop.first else 'counted.' ~ names[loop.index0 - 1] ~ '_sessions',
            6
        ) }} as {{ name }}_rate,
        {%- endfor %}
        {{ divide('counted.purchase_sessions', 'counted.sessions', 6) }} as conversion_rate,
        cast(counted.median_seconds_to_convert as numeric(18, 2)) as median_seconds_to_convert,
        cast(counted.p90_seconds_to_convert as numeric(18, 2)) as p90_seconds_to_convert,
        cast(counted.net_sales as numeric(18, 2)) as net_sales,
        {%- for name in names %}
        {%- set before = 'sessions' if loop.first else names[loop.index0 - 1] ~ '_sessions' %}
        {%- set left = 'counted.' ~ before ~ ' - counted.' ~ name ~ '_sessions' %}
        {%- set value = 'coalesce(value_of_steps.value_at_' ~ name ~ ', 0)' %}
        cast(({{ left }}) * {{ value }} as numeric(18, 2)) as lost_before_{{ name }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from counted
    cross join value_of_steps

)

select * from final
