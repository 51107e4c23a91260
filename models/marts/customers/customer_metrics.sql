-- One row per customer, prospects included: what they bought to date and the one class of each kind
-- they are in. Silence is counted from the last sale; of a prospect, from the registration.
with

customers as (

    select
        customer_id,
        full_name,
        email,
        customer_segment,
        country,
        cast(registered_at as date) as registered_date
    from {{ ref('dim_customers') }}

),

orders as (

    select
        customer_id,
        status,
        net_sales,
        net_revenue,
        order_date
    from {{ ref('fct_orders') }}
    where is_sale and not is_guest

),

favorite_categories as (

    select
        customer_id,
        category
    from {{ ref('customer_category_preferences') }}
    where is_favorite

),

clock as (

    select as_of_date
    from {{ ref('dim_clock') }}

),

orders_summed_to_customer as (

    select
        customer_id,
        count(*) as total_orders,
        sum(case when status = 'completed' then 1 else 0 end) as completed_orders,
        sum(net_sales) as net_sales,
        sum(net_revenue) as total_revenue,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date
    from orders
    group by customer_id

),

customers_valued as (

    select
        customers.customer_id,
        customers.full_name,
        customers.email,
        customers.customer_segment,
        customers.country,
        favorite_categories.category as favorite_category,
        coalesce(orders_summed_to_customer.total_orders, 0) as total_orders,
        coalesce(orders_summed_to_customer.completed_orders, 0) as completed_orders,
        orders_summed_to_customer.net_sales,
        coalesce(orders_summed_to_customer.total_revenue, 0) as total_revenue,
        {{ dbt.datediff('orders_summed_to_customer.first_order_date', 'clock.as_of_date', 'day') }}
            as days_since_first_order,
        {{ dbt.datediff('orders_summed_to_customer.last_order_date', 'clock.as_of_date', 'day') }}
            as days_since_last_order,
        {{ dbt.datediff(
            'coalesce(orders_summed_to_customer.last_order_date, customers.registered_date)',
            'clock.as_of_date', 'day'
        ) }} as days_silent,
        orders_summed_to_customer.first_order_date,
        orders_summed_to_customer.last_order_date
    from customers
    cross join clock
    left join orders_summed_to_customer
        on customers.customer_id = orders_summed_to_customer.customer_id
    left join favorite_categories on customers.customer_id = favorite_categories.customer_id

),

final as (

    select
        -- identifiers
        customer_id,

        -- dimensions
        full_name,
        email,
        customer_segment,
        country,
        case
            when total_orders >= {{ var('customer_tier_orders')[1] }} then 'VIP'
            when total_orders >= {{ var('customer_tier_orders')[0] }} then 'Loyal'
            when total_orders >= 2 then 'Regular'
            when total_orders = 1 then 'One-time'
            else 'Prospect'
        end as customer_tier,
        case
            when total_revenue >= {{ var('value_segment_revenue')[1] }} then 'High'
            when total_revenue >= {{ var('value_segment_revenue')[0] }} then 'Medium'
            else 'Low'
        end as value_segment,
        case
            when days_silent <= {{ var('customer_status_days')[0] }} then 'Active'
            when days_silent <= {{ var('customer_status_days')[1] }} then 'At Risk'
            when days_silent <= {{ var('customer_status_days')[2] }} then 'Dormant'
            else 'Lost'
        end as customer_status,
        case
            when days_silent <= {{ var('recency_segment_days')[0] }} then 'Active'
            when days_silent <= {{ var('recency_segment_days')[1] }} then 'Dormant'
            else 'Churned'
        end as recency_segment,
        favorite_category,

        -- measures
        cast(total_orders as bigint) as total_orders,
        cast(completed_orders as bigint) as completed_orders,
        cast(total_revenue as numeric(18, 2)) as total_revenue,
        {{ divide('net_sales', 'total_orders') }} as avg_order_value,
        {{ divide('total_orders * 30', 'greatest(days_since_first_order, 30)', 6) }} as frequency,
        cast(days_since_last_order as bigint) as days_since_last_order,

        -- metadata
        first_order_date,
        last_order_date
    from customers_valued

)

select * from final
