-- One row per day from the first order to the as-of date, days without sales included.
-- Refunds are dated by the day they were given, so total_revenue can be negative.
with

days as (

    select date_day
    from {{ ref('dim_dates') }}

),

clock as (

    select
        as_of_date,
        first_order_date
    from {{ ref('int_as_of_date') }}

),

orders as (

    select
        order_id,
        customer_id,
        order_date,
        units,
        gross_sales,
        discounts,
        net_sales,
        is_guest
    from {{ ref('fct_orders') }}
    where is_sale

),

refunds as (

    select
        refund_date,
        amount
    from {{ ref('fct_refunds') }}
    where is_sale

),

order_items as (

    select
        product_id,
        order_date,
        net_sales
    from {{ ref('fct_order_items') }}
    where is_sale

),

products as (

    select
        product_id,
        category
    from {{ ref('dim_products') }}

),

orders_summed_to_day as (

    select
        order_date,
        count(*) as total_orders,
        count(distinct customer_id) as unique_customers,
        sum(case when is_guest then 1 else 0 end) as guest_orders,
        sum(units) as units,
        sum(gross_sales) as gross_sales,
        sum(discounts) as discounts,
        sum(net_sales) as net_sales
    from orders
    group by order_date

),

refunds_summed_to_day as (

    select
        refund_date,
        sum(amount) as refunds
    from refunds
    group by refund_date

),

categories_summed_to_day as (

    select
        order_items.order_date,
        products.category,
        row_number() over (
            partition by order_items.order_date
            order by sum(order_items.net_sales) desc, products.category
        ) as category_rank
    from order_items
    inner join products on order_items.product_id = products.product_id
    group by order_items.order_date, products.category

),

days_valued as (

    select
        days.date_day as sale_date,
        categories_summed_to_day.category as top_category,
        coalesce(orders_summed_to_day.total_orders, 0) as total_orders,
        coalesce(orders_summed_to_day.unique_customers, 0) as unique_customers,
        coalesce(orders_summed_to_day.guest_orders, 0) as guest_orders,
        coalesce(orders_summed_to_day.units, 0) as units,
        coalesce(orders_summed_to_day.gross_sales, 0) as gross_sales,
        coalesce(orders_summed_to_day.discounts, 0) as discounts,
        coalesce(orders_summed_to_day.net_sales, 0) as net_sales,
        coalesce(refunds_summed_to_day.refunds, 0) as refunds
    from days
    inner join clock on days.date_day between clock.first_order_date and clock.as_of_date
    left join orders_summed_to_day on days.date_day = orders_summed_to_day.order_date
    left join refunds_summed_to_day on days.date_day = refunds_summed_to_day.refund_date
    left join categories_summed_to_day
        on
            days.date_day = categories_summed_to_day.order_date
            and categories_summed_to_day.category_rank = 1

),

final as (

    select
        sale_date,
        top_category,
        cast(total_orders as bigint) as total_orders,
        cast(unique_customers as bigint) as unique_customers,
        cast(guest_orders as bigint) as guest_orders,
        cast(units as bigint) as units,
        cast(gross_sales as numeric(18, 2)) as gross_sales,
        cast(discounts as numeric(18, 2)) as discounts,
        cast(net_sales as numeric(18, 2)) as net_sales,
        cast(refunds as numeric(18, 2)) as refunds,
        cast(net_sales - refunds as numeric(18, 2)) as total_revenue,
        {{ divide('net_sales', 'total_orders') }} as avg_order_value,
        cast(
            sum(net_sales - refunds) over (
                order by sale_date
                rows between unbounded preceding and current row
            ) as numeric(18, 2)
        ) as running_revenue
    from days_valued

)

select * from final
