-- One row per web session with the person behind it: the customer who signed in or ordered, else
-- the first customer known by the same visitor, else the visitor, else nobody but the session.
{{ config(materialized='table') }}
with

sessions as (

    select
        session_id,
        visitor_id,
        customer_id,
        started_at
    from {{ ref('int_sessions_summed') }}

),

orders as (

    select
        session_id,
        min(customer_id) as customer_id
    from {{ ref('fct_orders') }}
    where session_id is not null
    group by session_id

),

sessions_known as (

    select
        sessions.session_id,
        sessions.visitor_id,
        coalesce(sessions.customer_id, orders.customer_id) as customer_id,
        sessions.started_at
    from sessions
    left join orders on sessions.session_id = orders.session_id

),

visitors_numbered as (

    select
        visitor_id,
        customer_id,
        row_number() over (partition by visitor_id order by started_at, session_id) as place
    from sessions_known
    where visitor_id is not null and customer_id is not null

),

sessions_identified as (

    select
        sessions_known.session_id,
        sessions_known.visitor_id,
        coalesce(sessions_known.customer_id, visitors_numbered.customer_id) as customer_id
    from sessions_known
    left join visitors_numbered
        on
            sessions_known.visitor_id = visitors_numbered.visitor_id
            and visitors_numbered.place = 1

),

final as (

    select
        session_id,
        customer_id,
        {{ person_id(
            'customer_id', "coalesce('visitor ' || visitor_id, 'session ' || session_id)"
        ) }} as person_id
    from sessions_identified

)

select * from final
