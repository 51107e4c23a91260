-- One row per group of buying customers: with tickets, without, and with tickets of each topic. A
-- shop without tickets has no row.
with

tickets as (

    select
        customer_id,
        topic
    from {{ ref('fct_support_tickets') }}
    where customer_id is not null

),

orders as (

    select
        customer_id,
        net_sales,
        refunds,
        net_revenue
    from {{ ref('fct_orders') }}
    where is_sale and not is_guest

),

customers as (

    select
        customer_id,
        count(*) as orders,
        sum(net_sales) as net_sales,
        sum(refunds) as refunds,
        sum(net_revenue) as net_revenue
    from orders
    group by customer_id

),

topics_of_customers as (

    select distinct
        customer_id,
        topic
    from tickets

),

customers_with_tickets as (

    select distinct customer_id
    from tickets

),

grouped as (

    select
        case
            when customers_with_tickets.customer_id is null then 'without tickets'
            else 'with tickets'
        end as customer_group,
        'all' as topic,
        customers.*
    from customers
    left join customers_with_tickets
        on customers.customer_id = customers_with_tickets.customer_id
    union all
    select
        'with tickets' as customer_group,
        topics_of_customers.topic,
        customers.*
    from customers
    inner join topics_of_customers on customers.customer_id = topics_of_customers.customer_id

),

final as (

    select
        -- dimensions
        customer_group,
        topic,

        -- measures
        cast(count(*) as bigint) as customers,
        cast(sum(orders) as bigint) as orders,
        cast(sum(case when orders > 1 then 1 else 0 end) as bigint) as repeat_customers,
        {{ divide('sum(case when orders > 1 then 1 else 0 end)', 'count(*)', 6) }} as repeat_rate,
        cast(sum(case when refunds > 0 then 1 else 0 end) as bigint) as refunded_customers,
        {{ divide('sum(case when refunds > 0 then 1 else 0 end)', 'count(*)', 6) }}
            as refunded_customer_share,
        cast(sum(net_sales) as numeric(18, 2)) as net_sales,
        cast(sum(refunds) as numeric(18, 2)) as refunds,
        {{ divide('sum(refunds)', 'sum(net_sales)', 6) }} as refund_rate,
        {{ divide('sum(net_revenue)', 'count(*)') }} as net_revenue_per_customer
    from grouped
    where exists (select 1 from tickets)
    group by customer_group, topic

)

select * from final
