-- One row per customer x category they bought: how much, and which place it takes for them.
with

order_items as (

    select
        order_id,
        product_id,
        customer_id,
        quantity,
        net_revenue,
        order_date
    from {{ ref('fct_order_items') }}
    where is_sale and customer_id is not null

),

products as (

    select
        product_id,
        category
    from {{ ref('dim_products') }}

),

items_summed_to_category as (

    select
        order_items.customer_id,
        products.category,
        count(distinct order_items.order_id) as orders,
        sum(order_items.quantity) as units,
        sum(order_items.net_revenue) as net_revenue,
        max(order_items.order_date) as last_order_date
    from order_items
    inner join products on order_items.product_id = products.product_id
    group by order_items.customer_id, products.category

),

-- Refunds can leave a category below zero; shares are of what is above.
categories_shared as (

    select
        customer_id,
        category,
        orders,
        units,
        net_revenue,
        greatest(net_revenue, 0) as positive_revenue,
        sum(greatest(net_revenue, 0)) over (partition by customer_id) as customer_revenue,
        row_number() over (
            partition by customer_id
            order by net_revenue desc, orders desc, category
        ) as category_rank,
        last_order_date
    from items_summed_to_category

),

final as (

    select
        customer_id,
        category,
        cast(orders as bigint) as orders,
        cast(units as bigint) as units,
        cast(net_revenue as numeric(18, 2)) as net_revenue,
        {{ divide('positive_revenue', 'customer_revenue', 6) }} as revenue_share,
        cast(category_rank as bigint) as category_rank,
        category_rank = 1 as is_favorite,
        last_order_date
    from categories_shared

)

select * from final
