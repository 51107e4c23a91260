-- First-touch, last-touch and linear attribution give every month's net revenue of sales away
-- exactly once, to the cent, and no marketing cost, session, order or new customer is lost on the
-- way.
with

channels as (

    select
        activity_month,
        sum(first_touch_revenue) as first_touch_revenue,
        sum(last_touch_revenue) as last_touch_revenue,
        sum(linear_revenue) as linear_revenue,
        sum(orders) as orders,
        sum(new_customers) as new_customers,
        sum(spend) as spend,
        sum(sessions) as sessions
    from {{ ref('channel_performance') }}
    group by activity_month

),

orders as (

    select
        cast({{ dbt.date_trunc('month', 'order_date') }} as date) as activity_month,
        sum(net_revenue) as net_revenue,
        count(*) as orders,
        sum(case when customer_order_number = 1 then 1 else 0 end) as new_customers
    from {{ ref('fct_orders') }}
    where is_sale
    group by cast({{ dbt.date_trunc('month', 'order_date') }} as date)

),

spend as (

    select
        spend_date,
        spend
    from {{ ref('stg_marketing_spend') }}

),

sessions as (

    select session_date
    from {{ ref('fct_sessions') }}

),

clock as (

    select
        first_order_month,
        as_of_date
    from {{ ref('dim_clock') }}

),

-- Cost and sessions of months before the first order have no row.
totals as (

    select
        (
            select coalesce(sum(spend.spend), 0) from spend
            where spend.spend_date between clock.first_order_month and clock.as_of_date
        ) - (select coalesce(sum(channels.spend), 0) from channels) as lost_spend,
        (
            select count(*) from sessions
            where sessions.session_date >= clock.first_order_month
        ) - (select coalesce(sum(channels.sessions), 0) from channels) as lost_sessions
    from clock

)

select
    'month' as what,
    coalesce(channels.activity_month, orders.activity_month) as activity_month,
    orders.net_revenue as expected,
    channels.linear_revenue as found
from channels
full outer join orders on channels.activity_month = orders.activity_month
where
    channels.activity_month is null
    or channels.first_touch_revenue <> coalesce(orders.net_revenue, 0)
    or channels.last_touch_revenue <> coalesce(orders.net_revenue, 0)
    or channels.linear_revenue <> coalesce(orders.net_revenue, 0)
    or channels.orders <> coalesce(orders.orders, 0)
    or channels.new_customers <> coalesce(orders.new_customers, 0)
union all
select
    'spend and sessions' as what,
    null as activity_month,
    lost_spend as expected,
    lost_sessions as found
from totals
where lost_spend <> 0 or lost_sessions <> 0
