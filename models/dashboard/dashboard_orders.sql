-- One row per month, country, set of categories and customer with sales. An order without lines has
-- no category. Where that makes too many rows for the page, customers are not kept apart.
with

orders as (

    select
        order_id,
        customer_id,
        country,
        customer_order_number,
        cast({{ dbt.date_trunc('month', 'order_date') }} as date) as month
    from {{ ref('fct_orders') }}
    where is_sale

),

order_items as (

    select
        order_id,
        product_id
    from {{ ref('fct_order_items') }}
    where is_sale

),

products as (

    select
        product_id,
        category
    from {{ ref('dim_products') }}

),

categories as (

    select
        category,
        cast(category_number as {{ dbt.type_string() }}) as category_number
    from {{ ref('dashboard_categories') }}

),

order_categories as (

    select distinct
        order_items.order_id,
        categories.category_number
    from order_items
    inner join products on order_items.product_id = products.product_id
    inner join categories on products.category = categories.category

),

categories_listed as (

    select
        order_id,
        {{ dbt.listagg('category_number', "' '", 'order by category_number') }} as categories
    from order_categories
    group by order_id

),

orders_by_customer as (

    select
        orders.month,
        orders.country,
        categories_listed.categories,
        orders.customer_id,
        count(*) as orders,
        sum(case when orders.customer_order_number = 1 then 1 else 0 end) as new_customers
    from orders
    left join categories_listed on orders.order_id = categories_listed.order_id
    group by orders.month, orders.country, categories_listed.categories, orders.customer_id

),

detail as (

    select count(*) <= {{ dashboard_most_rows() }} as has_customers
    from orders_by_customer

),

orders_in_detail as (

    select
        orders_by_customer.month,
        orders_by_customer.country,
        orders_by_customer.categories,
        case when detail.has_customers then orders_by_customer.customer_id end as customer_id,
        orders_by_customer.orders,
        orders_by_customer.new_customers,
        detail.has_customers
    from orders_by_customer
    cross join detail

),

final as (

    select
        -- dimensions
        month,
        country,
        categories,
        customer_id,

        -- measures
        cast(sum(orders) as bigint) as orders,
        cast(sum(new_customers) as bigint) as new_customers,

        -- metadata
        has_customers
    from orders_in_detail
    group by month, country, categories, customer_id, has_customers

)

select * from final
