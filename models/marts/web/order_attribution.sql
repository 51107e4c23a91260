-- One row per sale and web session that led to it: the sessions of the same person that began
-- within var attribution_window_days before the sale, and the one the order names. A sale without
-- any has one row of channel unattributed. Each attribution splits net_revenue without loss.
with

orders_of_people as (

    select
        order_id,
        session_id,
        person_id,
        net_revenue,
        order_date,
        ordered_at
    from {{ ref('int_orders_identified') }}

),

sessions as (

    select
        session_id,
        person_id,
        channel,
        started_at
    from {{ ref('fct_sessions') }}

),

touches as (

    select
        orders_of_people.order_id,
        sessions.session_id,
        sessions.channel,
        sessions.started_at
    from orders_of_people
    inner join sessions
        on
            orders_of_people.person_id = sessions.person_id
            and orders_of_people.ordered_at >= sessions.started_at
            and orders_of_people.ordered_at
            <= {{ dbt.dateadd('day', var('attribution_window_days'), 'sessions.started_at') }}
    union
    select
        orders_of_people.order_id,
        sessions.session_id,
        sessions.channel,
        sessions.started_at
    from orders_of_people
    inner join sessions on orders_of_people.session_id = sessions.session_id

),

touches_numbered as (

    select
        order_id,
        session_id,
        channel,
        row_number() over (
            partition by order_id
            order by started_at, session_id
        ) as touch_number,
        count(*) over (partition by order_id) as touches
    from touches

),

-- Rounding the running share and taking differences keeps the parts' sum equal to the sale.
final as (

    select
        orders_of_people.order_id,
        touches_numbered.session_id,
        coalesce(touches_numbered.channel, 'unattributed') as channel,
        cast(coalesce(touches_numbered.touch_number, 1) as bigint) as touch_number,
        cast(coalesce(touches_numbered.touches, 0) as bigint) as touches,
        cast(
            case
                when coalesce(touches_numbered.touch_number, 1) = 1
                    then orders_of_people.net_revenue
                else 0
            end as numeric(18, 2)
        ) as first_touch_revenue,
        cast(
            case
                when
                    coalesce(touches_numbered.touch_number, 1)
                    = coalesce(touches_numbered.touches, 1)
                    then orders_of_people.net_revenue
                else 0
            end as numeric(18, 2)
        ) as last_touch_revenue,
        cast(
            {{ divide(
                'orders_of_people.net_revenue * coalesce(touches_numbered.touch_number, 1)',
                'coalesce(touches_numbered.touches, 1)'
            ) }} - {{ divide(
                'orders_of_people.net_revenue * (coalesce(touches_numbered.touch_number, 1) - 1)',
                'coalesce(touches_numbered.touches, 1)'
            ) }} as numeric(18, 2)
        ) as linear_revenue,
        orders_of_people.order_date
    from orders_of_people
    left join touches_numbered on orders_of_people.order_id = touches_numbered.order_id

)

select * from final
