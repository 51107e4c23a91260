-- One row per coupon, and one for sales without: what it sold, and what became of the customers
-- whose first sale used it.
with

clock as (

    select as_of_date
    from {{ ref('dim_clock') }}

),

-- Coupons are in upper case, so none is taken for the row of sales without one.
orders as (

    select
        customer_id,
        coalesce(coupon_code, 'no coupon') as coupon_code,
        customer_order_number,
        gross_sales,
        discounts,
        net_sales,
        net_revenue,
        coupon_code is not null or discounts > 0 as is_discounted,
        order_date
    from {{ ref('fct_orders') }}
    where is_sale

),

orders_summed_to_coupon as (

    select
        coupon_code,
        count(*) as orders,
        sum(gross_sales) as gross_sales,
        sum(discounts) as discounts,
        sum(net_sales) as net_sales
    from orders
    group by coupon_code

),

customers as (

    select
        customer_id,
        max(case when customer_order_number = 1 then coupon_code end) as coupon_code,
        count(*) as orders,
        sum(net_revenue) as net_revenue,
        sum(case when is_discounted then 0 else 1 end) as full_price_orders,
        min(order_date) as first_order_date,
        min(case when customer_order_number = 2 then order_date end) as second_order_date
    from orders
    where customer_id is not null
    group by customer_id

),

customers_observed as (

    select
        customers.coupon_code,
        customers.orders,
        customers.net_revenue,
        customers.full_price_orders = 0 as is_discount_only,
        {{ dbt.datediff('customers.first_order_date', 'clock.as_of_date', 'day') }}
        >= {{ var('coupon_repeat_days') }} as is_observed,
        coalesce(
            {{ dbt.datediff('customers.first_order_date', 'customers.second_order_date', 'day') }}
            <= {{ var('coupon_repeat_days') }},
            false
        ) as is_repeated
    from customers
    cross join clock

),

customers_summed_to_coupon as (

    select
        coupon_code,
        count(*) as new_customers,
        sum(case when is_observed then 1 else 0 end) as observed_customers,
        sum(case when is_observed and is_repeated then 1 else 0 end) as repeat_customers,
        sum(case when is_discount_only then 1 else 0 end) as discount_only_customers,
        sum(orders) as orders_to_date,
        sum(net_revenue) as revenue_to_date
    from customers_observed
    group by coupon_code

),

coupons_valued as (

    select
        orders_summed_to_coupon.coupon_code,
        orders_summed_to_coupon.orders,
        orders_summed_to_coupon.gross_sales,
        orders_summed_to_coupon.discounts,
        orders_summed_to_coupon.net_sales,
        coalesce(customers_summed_to_coupon.new_customers, 0) as new_customers,
        coalesce(customers_summed_to_coupon.observed_customers, 0) as observed_customers,
        coalesce(customers_summed_to_coupon.repeat_customers, 0) as repeat_customers,
        coalesce(customers_summed_to_coupon.discount_only_customers, 0)
            as discount_only_customers,
        coalesce(customers_summed_to_coupon.orders_to_date, 0) as orders_to_date,
        coalesce(customers_summed_to_coupon.revenue_to_date, 0) as revenue_to_date
    from orders_summed_to_coupon
    left join customers_summed_to_coupon
        on orders_summed_to_coupon.coupon_code = customers_summed_to_coupon.coupon_code

),

final as (

    select
        coupon_code,
        cast(orders as bigint) as orders,
        cast(gross_sales as numeric(18, 2)) as gross_sales,
        cast(discounts as numeric(18, 2)) as discounts,
        cast(net_sales as numeric(18, 2)) as net_sales,
        {{ divide('discounts', 'gross_sales', 6) }} as discount_rate,
        cast(new_customers as bigint) as new_customers,
        cast(observed_customers as bigint) as observed_customers,
        cast(repeat_customers as bigint) as repeat_customers,
        {{ divide('repeat_customers', 'observed_customers', 6) }} as repeat_rate,
        cast(discount_only_customers as bigint) as discount_only_customers,
        {{ divide('discount_only_customers', 'new_customers', 6) }}
            as discount_only_customer_share,
        {{ divide('orders_to_date', 'new_customers', 6) }} as orders_per_customer,
        cast(revenue_to_date as numeric(18, 2)) as revenue_to_date,
        {{ divide('revenue_to_date', 'new_customers') }} as revenue_per_customer
    from coupons_valued

)

select * from final
