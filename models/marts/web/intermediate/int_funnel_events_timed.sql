-- One row per event, or sale that names its session, that is a step of the conversion funnel and
-- came in time: not later than var funnel_window_minutes after the session began, and before its
-- first var funnel_exclusion_event.
{%- set steps = funnel_steps() %}
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

final as (

    select
        step_events.event_id,
        step_events.session_id,
        cast(step_events.step_number as integer) as step_number,
        step_events.occurred_at
    from step_events
    inner join session_limits on step_events.session_id = session_limits.session_id
    where
        step_events.occurred_at
        <= session_limits.started_at + interval '{{ var("funnel_window_minutes") }} minutes'
        and (
            session_limits.excluded_at is null
            or step_events.occurred_at < session_limits.excluded_at
        )

)

select * from final
