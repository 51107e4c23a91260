-- The funnel counts every session of fct_sessions once, with its sales and purchases, and every
-- day.
with

sessions as (

    select
        count(*) as sessions,
        coalesce(sum(case when is_converted then 1 else 0 end), 0) as converted_sessions,
        coalesce(sum(net_sales), 0) as net_sales,
        coalesce(sum(case when add_to_carts > 0 and not is_converted then 1 else 0 end), 0)
            as abandoned_carts,
        min(session_date) as first_day
    from {{ ref('fct_sessions') }}

),

funnel as (

    select
        coalesce(sum(sessions), 0) as sessions,
        coalesce(sum(converted_sessions), 0) as converted_sessions,
        coalesce(sum(net_sales), 0) as net_sales,
        count(distinct session_date) as days
    from {{ ref('conversion_funnel') }}

),

carts as (

    select count(*) as abandoned_carts
    from {{ ref('cart_abandonment') }}

),

clock as (

    select max(as_of_date) as as_of_date
    from {{ ref('dim_clock') }}

)

select
    sessions.*,
    funnel.sessions as funnel_sessions,
    funnel.net_sales as funnel_net_sales
from sessions
cross join funnel
cross join carts
cross join clock
where
    sessions.sessions <> funnel.sessions
    or sessions.converted_sessions <> funnel.converted_sessions
    or sessions.net_sales <> funnel.net_sales
    or sessions.abandoned_carts <> carts.abandoned_carts
    or funnel.days <> coalesce(
        {{ dbt.datediff('sessions.first_day', 'clock.as_of_date', 'day') }} + 1, 0
    )
