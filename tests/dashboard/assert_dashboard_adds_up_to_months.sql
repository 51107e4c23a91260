-- The dashboard's tables add up to the net revenue, orders and new customers of monthly_sales, to
-- the cent, whatever detail they are in; sales of products to those of their categories.
with

months as (

    select
        sale_month as month,
        net_revenue,
        orders,
        new_customers
    from {{ ref('monthly_sales') }}

),

sales as (

    select
        month,
        sum(net_revenue) as net_revenue,
        sum(case when category is not null then net_revenue end) as net_revenue_of_categories
    from {{ ref('dashboard_sales') }}
    group by month

),

product_sales as (

    select
        month,
        sum(net_revenue) as net_revenue
    from {{ ref('dashboard_product_sales') }}
    where has_all_products
    group by month

),

orders as (

    select
        month,
        sum(orders) as orders,
        sum(new_customers) as new_customers
    from {{ ref('dashboard_orders') }}
    group by month

),

regions as (

    select
        month,
        sum(net_revenue) as net_revenue,
        sum(orders) as orders
    from {{ ref('dashboard_regions') }}
    group by month

),

compared as (

    select
        months.month,
        months.net_revenue,
        coalesce(sales.net_revenue, 0) as net_revenue_of_sales,
        coalesce(regions.net_revenue, 0) as net_revenue_of_regions,
        sales.net_revenue_of_categories,
        product_sales.net_revenue as net_revenue_of_products,
        months.orders,
        coalesce(orders.orders, 0) as orders_of_orders,
        coalesce(regions.orders, 0) as orders_of_regions,
        months.new_customers,
        coalesce(orders.new_customers, 0) as new_customers_of_orders
    from months
    left join sales on months.month = sales.month
    left join orders on months.month = orders.month
    left join regions on months.month = regions.month
    left join product_sales on months.month = product_sales.month

)

select *
from compared
where
    net_revenue <> net_revenue_of_sales
    or net_revenue <> net_revenue_of_regions
    or net_revenue_of_categories <> net_revenue_of_products
    or orders <> orders_of_orders
    or orders <> orders_of_regions
    or new_customers <> new_customers_of_orders
