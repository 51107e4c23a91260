-- One row per web session; channel and device are those of its first event that names one.
with

events as (

    select
        event_id,
        session_id,
        visitor_id,
        customer_id,
        event_type,
        channel,
        device,
        is_session_inferred,
        occurred_at
    from {{ ref('int_events_sessionized') }}

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

events_filled as (

    select
        *,
        row_number() over (
            partition by session_id
            order by case when visitor_id is null then 1 else 0 end, occurred_at, event_id
        ) as visitor_choice,
        row_number() over (
            partition by session_id
            order by case when customer_id is null then 1 else 0 end, occurred_at, event_id
        ) as customer_choice,
        row_number() over (
            partition by session_id
            order by case when channel is null then 1 else 0 end, occurred_at, event_id
        ) as channel_choice,
        row_number() over (
            partition by session_id
            order by case when device is null then 1 else 0 end, occurred_at, event_id
        ) as device_choice
    from events

),

events_summed_to_session as (

    select
        session_id,
        max(case when visitor_choice = 1 then visitor_id end) as visitor_id,
        max(case when customer_choice = 1 then customer_id end) as customer_id,
        max(case when channel_choice = 1 then channel end) as channel,
        max(case when device_choice = 1 then device end) as device,
        count(*) as events,
        sum(case when event_type = 'page_view' then 1 else 0 end) as page_views,
        sum(case when event_type = 'product_view' then 1 else 0 end) as product_views,
        sum(case when event_type = 'add_to_cart' then 1 else 0 end) as add_to_carts,
        sum(case when event_type = 'remove_from_cart' then 1 else 0 end) as remove_from_carts,
        sum(case when event_type = 'checkout' then 1 else 0 end) as checkouts,
        sum(case when event_type = 'purchase' then 1 else 0 end) as purchases,
        max(case when is_session_inferred then 1 else 0 end) as is_session_inferred,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at
    from events_filled
    group by session_id

),

final as (

    select
        -- identifiers
        sessions.session_id,
        sessions.visitor_id,
        sessions.customer_id,

        -- dimensions
        coalesce(sessions.channel, 'unknown') as channel,
        coalesce(sessions.device, 'unknown') as device,

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
        sessions.is_session_inferred = 1 as is_session_inferred,
        cast(sessions.started_at as date) as session_date,
        sessions.started_at,
        sessions.ended_at
    from events_summed_to_session as sessions
    left join orders on sessions.session_id = orders.session_id

)

select * from final
