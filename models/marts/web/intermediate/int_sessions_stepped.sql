-- One row per web session and step of the funnel it reached, with the moment. Which steps count is
-- decided by var funnel_mode; nothing counts later than var funnel_window_minutes after the session
-- began, or from the first var funnel_exclusion_event on.
{%- set steps = ['product_view', 'add_to_cart', 'checkout', 'purchase'] %}
with

events as (

    select
        event_id,
        session_id,
        event_type,
        occurred_at
    from {{ ref('fct_events') }}

),

orders as (

    select
        order_id,
        session_id,
        ordered_at
    from {{ ref('fct_orders') }}
    where is_sale and session_id is not null

),

session_limits as (

    select
        session_id,
        min(occurred_at) as started_at,
        {%- if var('funnel_exclusion_event') %}
        min(case when event_type = '{{ var("funnel_exclusion_event") }}' then occurred_at end)
        {%- else %}
        cast(null as timestamp)
        {%- endif %} as excluded_at
    from events
    group by session_id

),

-- An order that names its session proves the purchase, also where its event was lost.
step_events as (

    select
        event_id,
        session_id,
        case event_type
            {%- for step in steps %}
            when '{{ step }}' then {{ loop.index }}
            {%- endfor %}
        end as step_number,
        occurred_at
    from events
    where event_type in ({{ quoted_list(steps) }})
    union all
    select
        order_id as event_id,
        session_id,
        {{ steps | length }} as step_number,
        ordered_at as occurred_at
    from orders

),

step_events_in_time as (

    select
        step_events.event_id,
        step_events.session_id,
        step_events.step_number,
        step_events.occurred_at
    from step_events
    inner join session_limits on step_events.session_id = session_limits.session_id
    where
        step_events.occurred_at
        <= {{ dbt.dateadd('minute', var('funnel_window_minutes'), 'session_limits.started_at') }}
        and (
            session_limits.excluded_at is null
            or step_events.occurred_at < session_limits.excluded_at
        )

),

{%- if var('funnel_mode') == 'any_order' %}

-- A step is reached once it and every step before it have happened, whatever came first.
first_events as (

    select
        session_id,
        step_number,
        min(occurred_at) as first_at
    from step_events_in_time
    group by session_id, step_number

),

steps_counted as (

    select
        session_id,
        step_number,
        count(*) over upwards as steps_so_far,
        max(first_at) over upwards as reached_at
    from first_events
    window upwards as (
        partition by session_id
        order by step_number
        rows between unbounded preceding and current row
    )

),

reached as (

    select
        session_id,
        step_number,
        reached_at
    from steps_counted
    where steps_so_far = step_number

),

{%- elif var('funnel_mode') == 'strict' %}

-- Nothing but repetitions may stand between a step and the next: the first event of a funnel step
-- that goes back or skips one ends the session's funnel.
steps_compared as (

    select
        event_id,
        session_id,
        step_number,
        occurred_at,
        lag(step_number, 1, 0) over (
            partition by session_id
            order by occurred_at, event_id
        ) as previous_step
    from step_events_in_time

),

steps_checked as (

    select
        session_id,
        step_number,
        occurred_at,
        sum(
            case
                when step_number in (previous_step, previous_step + 1) and step_number > 0 then 0
                else 1
            end
        ) over (
            partition by session_id
            order by occurred_at, event_id
            rows between unbounded preceding and current row
        ) as breaks
    from steps_compared

),

reached as (

    select
        session_id,
        step_number,
        min(occurred_at) as reached_at
    from steps_checked
    where breaks = 0
    group by session_id, step_number

),

{%- else %}

-- Each step counts from the moment the step before it was reached; others may come in between.
reached_1 as (

    select
        session_id,
        min(occurred_at) as reached_at
    from step_events_in_time
    where step_number = 1
    group by session_id

),

{%- for number in range(2, steps | length + 1) %}

reached_{{ number }} as (

    select
        step_events_in_time.session_id,
        min(step_events_in_time.occurred_at) as reached_at
    from step_events_in_time
    inner join reached_{{ number - 1 }}
        on
            step_events_in_time.session_id = reached_{{ number - 1 }}.session_id
            and step_events_in_time.occurred_at >= reached_{{ number - 1 }}.reached_at
    where step_events_in_time.step_number = {{ number }}
    group by step_events_in_time.session_id

),
{%- endfor %}

reached as (

    {%- for number in range(1, steps | length + 1) %}
    select
        session_id,
        {{ number }} as step_number,
        reached_at
    from reached_{{ number }}
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}

),

{%- endif %}

final as (

    select
        session_id,
        case step_number
            {%- for step in steps %}
            when {{ loop.index }} then '{{ step }}'
            {%- endfor %}
        end as step,
        step_number,
        reached_at
    from reached

)

select * from final
