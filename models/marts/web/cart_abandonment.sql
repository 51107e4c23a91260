-- One row per session that filled a cart and did not buy: what was left, and whether the person
-- came back and bought within var cart_recovery_days.
with

sessions as (

    select
        session_id,
        visitor_id,
        identified_customer_id as customer_id,
        person_id,
        channel,
        device,
        checkouts,
        session_date,
        started_at,
        ended_at
    from {{ ref('fct_sessions') }}
    where add_to_carts > 0 and not is_converted

),

events as (

    select
        session_id,
        product_id,
        event_type
    from {{ ref('fct_events') }}
    where event_type in ('add_to_cart', 'remove_from_cart')

),

products as (

    select
        product_id,
        price
    from {{ ref('dim_products') }}

),

orders_of_people as (

    select
        order_id,
        person_id,
        net_sales,
        ordered_at
    from {{ ref('int_orders_identified') }}

),

products_left as (

    select
        session_id,
        product_id,
        sum(case when event_type = 'add_to_cart' then 1 else -1 end) as units
    from events
    group by session_id, product_id

),

carts as (

    select
        products_left.session_id,
        count(*) as products_in_cart,
        sum(products_left.units) as units_in_cart,
        sum(products_left.units * products.price) as cart_value
    from products_left
    left join products on products_left.product_id = products.product_id
    where products_left.units > 0
    group by products_left.session_id

),

later_orders as (

    select
        sessions.session_id,
        orders_of_people.order_id,
        orders_of_people.net_sales,
        orders_of_people.ordered_at,
        row_number() over (
            partition by sessions.session_id
            order by orders_of_people.ordered_at, orders_of_people.order_id
        ) as place
    from sessions
    inner join orders_of_people
        on
            sessions.person_id = orders_of_people.person_id
            and sessions.ended_at < orders_of_people.ordered_at
            and orders_of_people.ordered_at
            <= {{ dbt.dateadd('day', var('cart_recovery_days'), 'sessions.ended_at') }}

),

clock as (

    select as_of_date
    from {{ ref('dim_clock') }}

),

final as (

    select
        -- identifiers
        sessions.session_id,
        sessions.visitor_id,
        sessions.customer_id,
        later_orders.order_id as recovery_order_id,

        -- dimensions
        sessions.channel,
        sessions.device,

        -- measures
        cast(coalesce(carts.products_in_cart, 0) as bigint) as products_in_cart,
        cast(coalesce(carts.units_in_cart, 0) as bigint) as units_in_cart,
        cast(
            case when carts.session_id is null then 0 else carts.cart_value end as numeric(18, 2)
        ) as cart_value,
        cast(later_orders.net_sales as numeric(18, 2)) as recovered_sales,
        {{ divide(
            dbt.datediff('sessions.ended_at', 'later_orders.ordered_at', 'second'), '3600'
        ) }} as hours_to_recovery,

        -- metadata
        carts.session_id is null as is_cart_emptied,
        sessions.checkouts > 0 as is_checkout_reached,
        later_orders.order_id is not null as is_recovered,
        (
            {{ dbt.dateadd('day', var('cart_recovery_days'), 'sessions.ended_at') }}
            < {{ add_days('clock.as_of_date', 1) }}
        ) as is_recovery_complete,
        sessions.session_date,
        sessions.ended_at as abandoned_at
    from sessions
    cross join clock
    left join carts on sessions.session_id = carts.session_id
    left join later_orders
        on sessions.session_id = later_orders.session_id and later_orders.place = 1

)

select * from final
