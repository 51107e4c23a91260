-- One row per month x segment before x segment now: customers that moved or stayed, and what they
-- are worth. The rows of a month sum to its rows of customer_segment_history.
with

customer_months as (

    select
        customer_id,
        segment_month,
        segment,
        monetary,
        is_complete
    from {{ ref('customer_segment_history') }}

),

customers_compared as (

    select
        segment_month,
        coalesce(
            lag(segment) over (partition by customer_id order by segment_month), 'First Purchase'
        ) as from_segment,
        segment as to_segment,
        monetary,
        is_complete
    from customer_months

),

customers_counted as (

    select
        segment_month,
        from_segment,
        to_segment,
        is_complete,
        count(*) as customers,
        sum(monetary) as net_revenue_to_date
    from customers_compared
    group by segment_month, from_segment, to_segment, is_complete

),

segments_summed as (

    select
        segment_month,
        from_segment,
        sum(customers) as customers
    from customers_counted
    group by segment_month, from_segment

),

final as (

    select
        customers_counted.segment_month,
        customers_counted.from_segment,
        customers_counted.to_segment,
        cast(customers_counted.customers as bigint) as customers,
        {{ divide('customers_counted.customers', 'segments_summed.customers', 6) }} as from_share,
        cast(customers_counted.net_revenue_to_date as numeric(18, 2)) as net_revenue_to_date,
        customers_counted.from_segment <> customers_counted.to_segment as is_move,
        customers_counted.is_complete
    from customers_counted
    inner join segments_summed
        on
            customers_counted.segment_month = segments_summed.segment_month
            and customers_counted.from_segment = segments_summed.from_segment

)

select * from final
