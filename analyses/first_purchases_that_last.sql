-- Which category should be advertised to win customers who stay?
-- How to read it: advertise first purchases whose customers come back clearly more often than
-- others; revenue_per_customer is what such a customer brings from the first order on within the
-- days set below.
-- Reads fct_orders, fct_order_items, dim_products, daily_sales.
--
-- A customer belongs to the category on which the first order spent most. Only customers whose
-- first order is at least days old count, and of the later orders only those within as many days,
-- so that old and new customers compare. A difference to all the other customers is clear when it
-- is larger than its margin of error at 95 % (two proportions); among many categories one in twenty
-- is so by chance.
{% set days = 180 %}
{% set fewest_customers = 30 %}
with

clock as (

    select max(sale_date) as as_of_date
    from {{ ref('daily_sales') }}

),

orders as (

    select
        order_id,
        customer_id,
        order_date,
        customer_order_number,
        net_revenue
    from {{ ref('fct_orders') }}
    where is_sale and not is_guest

),

items as (

    select
        order_id,
        product_id,
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

first_orders as (

    select
        orders.order_id,
        orders.customer_id,
        orders.order_date
    from orders
    cross join clock
    where
        orders.customer_order_number = 1
        and {{ dbt.datediff('orders.order_date', 'clock.as_of_date', 'day') }} >= {{ days }}

),

items_summed_to_category as (

    select
        items.order_id,
        products.category,
        sum(items.net_sales) as net_sales
    from items
    inner join products on items.product_id = products.product_id
    group by items.order_id, products.category

),

categories_ranked as (

    select
        order_id,
        category,
        row_number() over (
            partition by order_id
            order by net_sales desc, category asc
        ) as category_rank
    from items_summed_to_category

),

customers as (

    select
        first_orders.customer_id,
        categories_ranked.category,
        max(case when orders.customer_order_number > 1 then 1 else 0 end) as is_back,
        sum(orders.net_revenue) as net_revenue
    from first_orders
    inner join categories_ranked
        on
            first_orders.order_id = categories_ranked.order_id
            and categories_ranked.category_rank = 1
    inner join orders
        on
            first_orders.customer_id = orders.customer_id
            and {{ dbt.datediff('first_orders.order_date', 'orders.order_date', 'day') }}
            <= {{ days }}
    group by first_orders.customer_id, categories_ranked.category

),

categories as (

    select
        category,
        count(*) as customers,
        sum(is_back) as customers_back,
        sum(net_revenue) as net_revenue
    from customers
    group by category

),

categories_with_others as (

    select
        *,
        sum(customers) over () - customers as other_customers,
        sum(customers_back) over () - customers_back as others_back
    from categories

),

categories_rated as (

    select
        category,
        customers,
        other_customers,
        {{ divide('customers_back', 'customers', 6) }} as repeat_rate,
        {{ divide('others_back', 'other_customers', 6) }} as repeat_rate_of_others,
        {{ divide('net_revenue', 'customers') }} as revenue_per_customer
    from categories_with_others

),

categories_compared as (

    select
        *,
        repeat_rate - repeat_rate_of_others as difference,
        {{ as_decimal(
            '1.96 * sqrt('
            ~ 'cast(repeat_rate as ' ~ dbt.type_float() ~ ') * (1 - repeat_rate) / customers'
            ~ ' + cast(repeat_rate_of_others as ' ~ dbt.type_float()
            ~ ') * (1 - repeat_rate_of_others)'
            ~ ' / nullif(other_customers, 0))',
            6
        ) }} as margin_of_error
    from categories_rated

)

select
    category,
    case
        when customers < {{ fewest_customers }} then 'too few customers to tell'
        when difference > margin_of_error then 'comes back clearly more often'
        when -difference > margin_of_error then 'comes back clearly less often'
        else 'no clear difference'
    end as verdict,
    cast(customers as bigint) as customers,
    repeat_rate,
    repeat_rate_of_others,
    margin_of_error,
    revenue_per_customer
from categories_compared
order by revenue_per_customer desc, category
