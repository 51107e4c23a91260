-- One row per web event that happened by the as-of date and can be put in a session: its own
-- session_id, else one inferred from the visitor, in which a silence longer than
-- var session_idle_minutes starts the next session. Events with neither are left out.
{{ config(materialized='table') }}
with

events as (

    select
        event_id,
        visitor_id,
        session_id,
        customer_id,
        product_id,
        event_type,
        channel,
        device,
        occurred_at
    from {{ ref('stg_events') }}
    where session_id is not null or visitor_id is not null

),

clock as (

    select as_of_date
    from {{ ref('int_as_of_date') }}

),

events_as_of as (

    select events.*
    from events
    inner join clock on cast(events.occurred_at as date) <= clock.as_of_date

),

sessions_started as (

    select
        event_id,
        visitor_id,
        occurred_at,
        case
            when
                {{ dbt.datediff(
                    'lag(occurred_at) over (
                        partition by visitor_id order by occurred_at, event_id
                    )',
                    'occurred_at',
                    'second'
                ) }} <= {{ var('session_idle_minutes') }} * 60
                then 0
            else 1
        end as is_session_start
    from events_as_of
    where session_id is null

),

sessions_numbered as (

    select
        event_id,
        visitor_id,
        sum(is_session_start) over (
            partition by visitor_id
            order by occurred_at, event_id
            rows between unbounded preceding and current row
        ) as visitor_session_number
    from sessions_started

),

final as (

    select
        -- identifiers
        events_as_of.event_id,
        coalesce(
            events_as_of.session_id,
            sessions_numbered.visitor_id
            || '-' || cast(sessions_numbered.visitor_session_number as {{ dbt.type_string() }})
        ) as session_id,
        events_as_of.visitor_id,
        events_as_of.customer_id,
        events_as_of.product_id,

        -- dimensions
        events_as_of.event_type,
        events_as_of.channel,
        events_as_of.device,

        -- metadata
        events_as_of.session_id is null as is_session_inferred,
        events_as_of.occurred_at
    from events_as_of
    left join sessions_numbered on events_as_of.event_id = sessions_numbered.event_id

)

select * from final
