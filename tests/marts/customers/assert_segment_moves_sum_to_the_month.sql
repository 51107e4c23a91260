-- The moves of a month sum to the customers and the net revenue of its segment history, segment by
-- segment, and those that leave a segment are the ones who were in it as the month before ended.
with

history as (

    select
        segment_month,
        segment,
        count(*) as customers,
        sum(monetary) as net_revenue_to_date
    from {{ ref('customer_segment_history') }}
    group by segment_month, segment

),

moves_in as (

    select
        segment_month,
        to_segment,
        sum(customers) as customers,
        sum(net_revenue_to_date) as net_revenue_to_date
    from {{ ref('segment_migration') }}
    group by segment_month, to_segment

),

moves_out as (

    select
        cast({{ dbt.dateadd('month', -1, 'segment_month') }} as date) as segment_month,
        from_segment,
        sum(customers) as customers
    from {{ ref('segment_migration') }}
    where from_segment <> 'First Purchase'
    group by cast({{ dbt.dateadd('month', -1, 'segment_month') }} as date), from_segment

),

clock as (

    select as_of_month
    from {{ ref('dim_clock') }}

)

select
    coalesce(history.segment_month, moves_in.segment_month) as segment_month,
    coalesce(history.segment, moves_in.to_segment) as segment,
    history.customers as customers_of_history,
    moves_in.customers as customers_moved
from history
full outer join moves_in
    on history.segment_month = moves_in.segment_month and history.segment = moves_in.to_segment
where
    coalesce(history.customers <> moves_in.customers, true)
    or coalesce(history.net_revenue_to_date <> moves_in.net_revenue_to_date, true)
union all
select
    coalesce(history.segment_month, moves_out.segment_month) as segment_month,
    coalesce(history.segment, moves_out.from_segment) as segment,
    history.customers as customers_of_history,
    moves_out.customers as customers_moved
from (
    select history.*
    from history
    cross join clock
    where history.segment_month < clock.as_of_month
) as history
full outer join moves_out
    on history.segment_month = moves_out.segment_month and history.segment = moves_out.from_segment
where coalesce(history.customers <> moves_out.customers, true)
