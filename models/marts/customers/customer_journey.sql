-- One row per order number: customers who reached it and what became of them. Those who did not go
-- on yet are still waiting until they have been silent for more than var churn_days.
with

orders as (

    select
        order_id,
        customer_id,
        customer_order_number,
        order_date,
        net_sales,
        net_revenue,
        days_since_previous_order
    from {{ ref('fct_orders') }}
    where is_sale and not is_guest

),

clock as (

    select as_of_date
    from {{ ref('dim_clock') }}

),

orders_followed as (

    select
        customer_order_number,
        order_date,
        net_sales,
        net_revenue,
        lead(days_since_previous_order) over (
            partition by customer_id
            order by customer_order_number
        ) as days_to_next_order
    from orders

),

orders_judged as (

    select
        orders_followed.customer_order_number,
        orders_followed.net_sales,
        orders_followed.net_revenue,
        orders_followed.days_to_next_order,
        orders_followed.days_to_next_order is not null as is_continued,
        {{ dbt.datediff('orders_followed.order_date', 'clock.as_of_date', 'day') }}
        > {{ var('churn_days') }} as is_churn_time_over
    from orders_followed
    cross join clock

),

orders_summed_to_number as (

    select
        customer_order_number,
        count(*) as customers,
        sum(case when is_continued then 1 else 0 end) as continued_customers,
        sum(case when not is_continued and not is_churn_time_over then 1 else 0 end)
            as waiting_customers,
        sum(case when not is_continued and is_churn_time_over then 1 else 0 end)
            as dropped_customers,
        percentile_cont(0.5) within group (order by days_to_next_order) as median_days_to_next,
        percentile_cont(0.9) within group (order by days_to_next_order) as p90_days_to_next,
        sum(net_sales) as net_sales,
        sum(net_revenue) as net_revenue
    from orders_judged
    group by customer_order_number

),

final as (

    select
        customer_order_number as order_number,
        cast(customers as bigint) as customers,
        cast(continued_customers as bigint) as continued_customers,
        cast(waiting_customers as bigint) as waiting_customers,
        cast(dropped_customers as bigint) as dropped_customers,
        {{ divide('customers', 'max(customers) over ()', 6) }} as reach_rate,
        {{ divide('continued_customers', 'customers', 6) }} as continuation_rate,
        {{ divide('dropped_customers', 'customers', 6) }} as drop_off_rate,
        cast(median_days_to_next as numeric(18, 2)) as median_days_to_next,
        cast(p90_days_to_next as numeric(18, 2)) as p90_days_to_next,
        cast(net_revenue as numeric(18, 2)) as net_revenue,
        {{ divide('net_sales', 'customers') }} as avg_order_value
    from orders_summed_to_number

)

select * from final
