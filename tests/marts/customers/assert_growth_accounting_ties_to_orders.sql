-- A month opens with the customers and the revenue with which the month before closed (the first
-- with none), and closes with those of the orders within the window up to its end.
with

months as (

    select
        growth_month,
        opening_customers,
        closing_customers,
        opening_revenue,
        closing_revenue,
        snapshot_date,
        lag(closing_customers, 1, 0) over (order by growth_month) as previous_customers,
        lag(closing_revenue, 1, 0) over (order by growth_month) as previous_revenue
    from {{ ref('growth_accounting') }}

),

orders as (

    select
        customer_id,
        order_date,
        net_revenue
    from {{ ref('fct_orders') }}
    where is_sale and not is_guest

),

windows as (

    select
        months.growth_month,
        count(distinct orders.customer_id) as customers,
        coalesce(sum(orders.net_revenue), 0) as revenue
    from months
    left join orders
        on
            {{ dbt.datediff('orders.order_date', 'months.snapshot_date', 'day') }}
            between 0 and {{ var('churn_days') }} - 1
    group by months.growth_month

)

select
    months.*,
    windows.customers,
    windows.revenue
from months
left join windows on months.growth_month = windows.growth_month
where
    coalesce(months.opening_customers <> months.previous_customers, true)
    or coalesce(months.opening_revenue <> months.previous_revenue, true)
    or coalesce(months.closing_customers <> windows.customers, true)
    or coalesce(months.closing_revenue <> windows.revenue, true)
