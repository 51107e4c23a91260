-- Every customer mart that shows orders and net revenue to date shows those of all sales with a
-- customer, to the cent, and every mart of single customers has a row for each of them.
with

orders as (

    select
        count(distinct customer_id) as customers,
        count(*) as orders,
        coalesce(sum(net_revenue), 0) as net_revenue
    from {{ ref('fct_orders') }}
    where is_sale and not is_guest

),

clock as (

    select as_of_month
    from {{ ref('dim_clock') }}

),

figures as (

    select
        'customer_metrics' as mart,
        sum(case when total_orders > 0 then 1 else 0 end) as customers,
        sum(total_orders) as orders,
        sum(total_revenue) as net_revenue
    from {{ ref('customer_metrics') }}
    union all
    select
        'customer_rfm' as mart,
        count(*) as customers,
        sum(frequency) as orders,
        sum(monetary) as net_revenue
    from {{ ref('customer_rfm') }}
    union all
    select
        'customer_monthly_activity' as mart,
        count(distinct customer_id) as customers,
        sum(orders) as orders,
        sum(net_sales - refunds) as net_revenue
    from {{ ref('customer_monthly_activity') }}
    union all
    select
        'segment_migration' as mart,
        sum(customers) as customers,
        null as orders,
        sum(net_revenue_to_date) as net_revenue
    from {{ ref('segment_migration') }}
    where segment_month = (select clock.as_of_month from clock)
    union all
    select
        'customer_cohorts' as mart,
        sum(case when period_number = 0 then cohort_customers else 0 end) as customers,
        sum(orders) as orders,
        sum(net_revenue) as net_revenue
    from {{ ref('customer_cohorts') }}
    union all
    select
        'customer_journey' as mart,
        max(customers) as customers,
        sum(customers) as orders,
        sum(net_revenue) as net_revenue
    from {{ ref('customer_journey') }}
    union all
    select
        'growth_accounting' as mart,
        sum(new_customers) as customers,
        null as orders,
        null as net_revenue
    from {{ ref('growth_accounting') }}

)

select
    figures.*,
    orders.customers as expected_customers,
    orders.orders as expected_orders,
    orders.net_revenue as expected_net_revenue
from figures
cross join orders
where
    coalesce(figures.customers, 0) <> orders.customers
    or (
        figures.mart not in ('segment_migration', 'growth_accounting')
        and coalesce(figures.orders, 0) <> orders.orders
    )
    or (
        figures.mart <> 'growth_accounting'
        and coalesce(figures.net_revenue, 0) <> orders.net_revenue
    )
