-- One row per web session; channel and device are those of its first event that names one.
with

sessions as (

    select
        session_id,
        visitor_id,
        customer_id,
        channel,
        device,
        events,
        page_views,
        product_views,
        add_to_carts,
        remove_from_carts,
        checkouts,
        purchases,
        is_session_inferred,
        started_at,
        ended_at
    from {{ ref('int_sessions_summed') }}

),

people as (

    select
        session_id,
        customer_id,
        person_id
    from {{ ref('int_sessions_identified') }}

),

orders as (

    select
        session_id,
        count(*) as orders,
        sum(net_sales) as net_sales
    from {{ ref('fct_orders') }}
    where is_sale and session_id is not null
    group by session_id

),

final as (

    select
        -- identifiers
        sessions.session_id,
        sessions.visitor_id,
        sessions.customer_id,
        people.customer_id as identified_customer_id,
        people.person_id,

        -- dimensions
        coalesce(sessions.channel, 'Unknown') as channel,
        coalesce(sessions.device, 'Unknown') as device,

        -- measures
        cast(sessions.events as bigint) as events,
        cast(sessions.page_views as bigint) as page_views,
        cast(sessions.product_views as bigint) as product_views,
        cast(sessions.add_to_carts as bigint) as add_to_carts,
        cast(sessions.remove_from_carts as bigint) as remove_from_carts,
        cast(sessions.checkouts as bigint) as checkouts,
        cast(sessions.purchases as bigint) as purchases,
        cast(coalesce(orders.orders, 0) as bigint) as orders,
        cast(coalesce(orders.net_sales, 0) as numeric(18, 2)) as net_sales,
        cast(
            {{ dbt.datediff(
                'sessions.started_at', 'sessions.ended_at', 'second'
            ) }} as bigint
        ) as duration_seconds,

        -- metadata
        (sessions.purchases > 0 or orders.session_id is not null) as is_converted,
        sessions.is_session_inferred,
        cast(sessions.started_at as date) as session_date,
        sessions.started_at,
        sessions.ended_at
    from sessions
    inner join people on sessions.session_id = people.session_id
    left join orders on sessions.session_id = orders.session_id

)

select * from final
