-- One row per web event that happened by the as-of date and can be put in a session: its own
-- session_id, else one inferred from the visitor, in which a silence longer than
-- var session_idle_minutes starts the next session. Events with neither are left out.
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
    from {{ ref('dim_clock') }}

),

events_as_of as (

    select events.*
    from events
    inner join clock on cast(events.occurred_at as date) <= clock.as_of_date

),

events_of_sessions as (

    select
        event_id,
        session_id,
        visitor_id,
        customer_id,
        product_id,
        event_type,
        channel,
        device,
        false as is_session_inferred,
        occurred_at
    from events_as_of
    where session_id is not null

),

sessions_started as (

    select
        event_id,
        visitor_id,
        customer_id,
        product_id,
        event_type,
        channel,
        device,
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
        *,
        sum(is_session_start) over (
            partition by visitor_id
            order by occurred_at, event_id
            rows between unbounded preceding and current row
        ) as visitor_session_number
    from sessions_started

),

events_of_visitors as (

    select
        event_id,
        visitor_id
        || '-' || cast(visitor_session_number as {{ dbt.type_string() }}) as session_id,
        visitor_id,
        customer_id,
        product_id,
        event_type,
        channel,
        device,
        true as is_session_inferred,
        occurred_at
    from sessions_numbered

),

final as (

    select * from events_of_sessions
    union all
    select * from events_of_visitors

)

select * from final
