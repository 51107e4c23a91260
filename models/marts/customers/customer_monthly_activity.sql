-- One row per customer x month from the month of the first sale to the as-of month: what was bought
-- and given back in the month, and what was known of the customer as the month ended.
with

months as (

    select distinct
        month_start_date,
        is_month_complete
    from {{ ref('dim_dates') }}

),

clock as (

    select
        as_of_date,
        as_of_month
    from {{ ref('int_as_of_date') }}

),

orders as (

    select
        customer_id,
        order_date,
        cast({{ dbt.date_trunc('month', 'order_date') }} as date) as order_month,
        net_sales
    from {{ ref('fct_orders') }}
    where is_sale and not is_guest

),

-- A refund dated before its order by mistake counts from the order on.
refunds as (

    select
        customer_id,
        cast({{ dbt.date_trunc('month', 'greatest(refund_date, order_date)') }} as date)
            as refund_month,
        amount
    from {{ ref('fct_refunds') }}
    where is_sale and customer_id is not null

),

orders_summed_to_month as (

    select
        customer_id,
        order_month,
        count(*) as orders,
        sum(net_sales) as net_sales,
        max(order_date) as last_order_date
    from orders
    group by customer_id, order_month

),

refunds_summed_to_month as (

    select
        customer_id,
        refund_month,
        sum(amount) as refunds
    from refunds
    group by customer_id, refund_month

),

customers as (

    select
        customer_id,
        min(order_month) as first_order_month
    from orders_summed_to_month
    group by customer_id

),

-- The running month is seen from the as-of date.
months_of_shop as (

    select
        months.month_start_date,
        months.is_month_complete,
        least(
            cast({{ dbt.last_day('months.month_start_date', 'month') }} as date), clock.as_of_date
        ) as snapshot_date
    from months
    inner join clock on months.month_start_date <= clock.as_of_month

),

months_of_customers as (

    select
        customers.customer_id,
        months_of_shop.month_start_date,
        coalesce(orders_summed_to_month.orders, 0) as orders,
        coalesce(orders_summed_to_month.net_sales, 0) as net_sales,
        coalesce(refunds_summed_to_month.refunds, 0) as refunds,
        months_of_shop.is_month_complete,
        orders_summed_to_month.last_order_date,
        months_of_shop.snapshot_date
    from customers
    inner join months_of_shop on customers.first_order_month <= months_of_shop.month_start_date
    left join orders_summed_to_month
        on
            customers.customer_id = orders_summed_to_month.customer_id
            and months_of_shop.month_start_date = orders_summed_to_month.order_month
    left join refunds_summed_to_month
        on
            customers.customer_id = refunds_summed_to_month.customer_id
            and months_of_shop.month_start_date = refunds_summed_to_month.refund_month

),

months_accumulated as (

    select
        customer_id,
        month_start_date,
        orders,
        net_sales,
        refunds,
        sum(orders) over (
            partition by customer_id
            order by month_start_date
            rows between unbounded preceding and current row
        ) as orders_to_date,
        sum(net_sales - refunds) over (
            partition by customer_id
            order by month_start_date
            rows between unbounded preceding and current row
        ) as net_revenue_to_date,
        max(last_order_date) over (
            partition by customer_id
            order by month_start_date
            rows between unbounded preceding and current row
        ) as last_order_date,
        is_month_complete,
        snapshot_date
    from months_of_customers

),

final as (

    select
        customer_id,
        month_start_date as activity_month,
        cast(orders as bigint) as orders,
        cast(net_sales as numeric(18, 2)) as net_sales,
        cast(refunds as numeric(18, 2)) as refunds,
        cast(orders_to_date as bigint) as orders_to_date,
        cast(net_revenue_to_date as numeric(18, 2)) as net_revenue_to_date,
        cast({{ dbt.datediff('last_order_date', 'snapshot_date', 'day') }} as bigint)
            as days_since_last_order,
        is_month_complete as is_complete,
        last_order_date,
        snapshot_date
    from months_accumulated

)

select * from final
