-- One row per customer x month from the month of the first sale to the as-of month: what was bought
-- and given back in the month, and what was known of the customer as the month ended.
with

-- The running month is seen from the as-of date.
months as (

    select
        month_start_date,
        snapshot_date,
        is_complete
    from {{ ref('dim_months') }}

),

-- A refund dated before its order by mistake counts from the order on.
movements as (

    select
        customer_id,
        order_id,
        net_sales,
        refunds,
        is_sale,
        order_date,
        cast({{ dbt.date_trunc('month', 'greatest(movement_date, order_date)') }} as date)
            as activity_month
    from {{ ref('fct_revenue_movements') }}
    where customer_id is not null

),

movements_summed_to_month as (

    select
        customer_id,
        activity_month,
        count(distinct case when is_sale then order_id end) as orders,
        sum(net_sales) as net_sales,
        sum(refunds) as refunds,
        max(case when is_sale then order_date end) as last_order_date
    from movements
    group by customer_id, activity_month

),

customers as (

    select
        customer_id,
        min(activity_month) as first_order_month
    from movements_summed_to_month
    group by customer_id

),

months_of_customers as (

    select
        customers.customer_id,
        months.month_start_date,
        coalesce(movements_summed_to_month.orders, 0) as orders,
        coalesce(movements_summed_to_month.net_sales, 0) as net_sales,
        coalesce(movements_summed_to_month.refunds, 0) as refunds,
        months.is_complete,
        movements_summed_to_month.last_order_date,
        months.snapshot_date
    from customers
    inner join months on customers.first_order_month <= months.month_start_date
    left join movements_summed_to_month
        on
            customers.customer_id = movements_summed_to_month.customer_id
            and months.month_start_date = movements_summed_to_month.activity_month

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
        is_complete,
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
        is_complete,
        last_order_date,
        snapshot_date
    from months_accumulated

)

select * from final
