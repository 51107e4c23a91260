-- One row per sale with the person who bought: the customer, else the person behind its session.
with

orders as (

    select
        order_id,
        customer_id,
        session_id,
        net_sales,
        net_revenue,
        order_date,
        ordered_at
    from {{ ref('fct_orders') }}
    where is_sale

),

sessions as (

    select
        session_id,
        person_id
    from {{ ref('fct_sessions') }}

),

final as (

    select
        orders.order_id,
        orders.session_id,
        {{ person_id('orders.customer_id', 'sessions.person_id') }} as person_id,
        orders.net_sales,
        orders.net_revenue,
        orders.order_date,
        orders.ordered_at
    from orders
    left join sessions on orders.session_id = sessions.session_id

)

select * from final
