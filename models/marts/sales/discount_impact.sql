-- One row per month from the first order to the as-of date: what was sold on discount, and how many
-- customers had, as the month ended, never paid the full price.
with

months as (

    select
        sale_month,
        is_complete
    from {{ ref('monthly_sales') }}

),

orders as (

    select
        customer_id,
        customer_order_number,
        cast({{ dbt.date_trunc('month', 'order_date') }} as date) as sale_month,
        gross_sales,
        discounts,
        net_sales,
        net_sales - cost_of_goods_sold as margin,
        coupon_code is not null as has_coupon,
        coupon_code is not null or discounts > 0 as is_discounted
    from {{ ref('fct_orders') }}
    where is_sale

),

orders_summed_to_month as (

    select
        sale_month,
        count(*) as orders,
        sum(case when is_discounted then 1 else 0 end) as discounted_orders,
        sum(case when has_coupon then 1 else 0 end) as coupon_orders,
        sum(gross_sales) as gross_sales,
        sum(case when is_discounted then gross_sales else 0 end) as discounted_gross_sales,
        sum(discounts) as discounts,
        sum(net_sales) as net_sales,
        sum(case when is_discounted then net_sales else 0 end) as discounted_net_sales,
        sum(case when is_discounted then margin end) as discounted_margin,
        sum(case when not is_discounted then margin end) as full_price_margin
    from orders
    group by sale_month

),

-- The months in which a customer first bought, bought again, and first paid the full price.
customers as (

    select
        min(sale_month) as first_month,
        min(case when customer_order_number = 2 then sale_month end) as repeat_month,
        min(case when not is_discounted then sale_month end) as full_price_month
    from orders
    where customer_id is not null
    group by customer_id

),

-- Every event moves one customer into or out of a group, for good.
customer_events as (

    select
        first_month as sale_month,
        1 as customers,
        0 as full_price_customers,
        0 as repeat_customers,
        0 as full_price_repeat_customers
    from customers
    union all
    select
        full_price_month as sale_month,
        0 as customers,
        1 as full_price_customers,
        0 as repeat_customers,
        0 as full_price_repeat_customers
    from customers
    where full_price_month is not null
    union all
    select
        repeat_month as sale_month,
        0 as customers,
        0 as full_price_customers,
        1 as repeat_customers,
        0 as full_price_repeat_customers
    from customers
    where repeat_month is not null
    union all
    select
        greatest(full_price_month, repeat_month) as sale_month,
        0 as customers,
        0 as full_price_customers,
        0 as repeat_customers,
        1 as full_price_repeat_customers
    from customers
    where full_price_month is not null and repeat_month is not null

),

customers_summed_to_month as (

    select
        sale_month,
        sum(customers) as customers,
        sum(full_price_customers) as full_price_customers,
        sum(repeat_customers) as repeat_customers,
        sum(full_price_repeat_customers) as full_price_repeat_customers
    from customer_events
    group by sale_month

),

months_valued as (

    select
        months.sale_month,
        coalesce(orders_summed_to_month.orders, 0) as orders,
        coalesce(orders_summed_to_month.discounted_orders, 0) as discounted_orders,
        coalesce(orders_summed_to_month.coupon_orders, 0) as coupon_orders,
        coalesce(orders_summed_to_month.gross_sales, 0) as gross_sales,
        coalesce(orders_summed_to_month.discounted_gross_sales, 0) as discounted_gross_sales,
        coalesce(orders_summed_to_month.discounts, 0) as discounts,
        coalesce(orders_summed_to_month.net_sales, 0) as net_sales,
        coalesce(orders_summed_to_month.discounted_net_sales, 0) as discounted_net_sales,
        orders_summed_to_month.discounted_margin,
        orders_summed_to_month.full_price_margin,
        coalesce(sum(customers_summed_to_month.customers) over month_and_before, 0) as customers,
        coalesce(sum(customers_summed_to_month.full_price_customers) over month_and_before, 0)
            as full_price_customers,
        coalesce(sum(customers_summed_to_month.repeat_customers) over month_and_before, 0)
            as repeat_customers,
        coalesce(
            sum(customers_summed_to_month.full_price_repeat_customers) over month_and_before, 0
        ) as full_price_repeat_customers,
        months.is_complete
    from months
    left join orders_summed_to_month on months.sale_month = orders_summed_to_month.sale_month
    left join customers_summed_to_month
        on months.sale_month = customers_summed_to_month.sale_month
    window month_and_before as (
        order by months.sale_month rows between unbounded preceding and current row
    )

),

final as (

    select
        sale_month,
        cast(orders as bigint) as orders,
        cast(discounted_orders as bigint) as discounted_orders,
        cast(coupon_orders as bigint) as coupon_orders,
        {{ divide('discounted_orders', 'orders', 6) }} as discounted_order_share,
        cast(gross_sales as numeric(18, 2)) as gross_sales,
        cast(discounts as numeric(18, 2)) as discounts,
        cast(net_sales as numeric(18, 2)) as net_sales,
        cast(discounted_net_sales as numeric(18, 2)) as discounted_net_sales,
        {{ divide('discounted_net_sales', 'net_sales', 6) }} as discounted_revenue_share,
        {{ divide('discounts', 'gross_sales', 6) }} as discount_rate,
        {{ divide('discounts', 'discounted_gross_sales', 6) }} as discount_depth,
        {{ divide('discounted_net_sales', 'discounted_orders') }} as discounted_avg_order_value,
        {{ divide('net_sales - discounted_net_sales', 'orders - discounted_orders') }}
            as full_price_avg_order_value,
        {{ divide('discounted_margin', 'discounted_net_sales', 6) }} as discounted_margin_rate,
        {{ divide('full_price_margin', 'net_sales - discounted_net_sales', 6) }}
            as full_price_margin_rate,
        cast(customers as bigint) as customers,
        cast(customers - full_price_customers as bigint) as discount_only_customers,
        {{ divide('customers - full_price_customers', 'customers', 6) }}
            as discount_only_customer_share,
        cast(repeat_customers as bigint) as repeat_customers,
        cast(repeat_customers - full_price_repeat_customers as bigint)
            as discount_only_repeat_customers,
        {{ divide('repeat_customers - full_price_repeat_customers', 'repeat_customers', 6) }}
            as discount_only_repeat_share,
        is_complete
    from months_valued

)

select * from final
