-- One row per category x month, from the category's first month to the as-of date: what it sold,
-- its share of the month and its place among the categories. Refunds are dated by the month they
-- were given; orders without lines have no category and are left out.
with

months as (

    select
        sales_month,
        is_complete
    from {{ ref('monthly_sales') }}

),

products as (

    select
        product_id,
        category
    from {{ ref('dim_products') }}

),

order_items as (

    select
        order_item_id,
        order_id,
        product_id,
        cast({{ dbt.date_trunc('month', 'order_date') }} as date) as sales_month,
        quantity,
        gross_sales,
        discounts,
        net_sales,
        cost_of_goods_sold
    from {{ ref('fct_order_items') }}
    where is_sale

),

refunds as (

    select
        order_item_id,
        cast({{ dbt.date_trunc('month', 'refund_date') }} as date) as sales_month,
        amount
    from {{ ref('fct_refunds') }}
    where is_sale

),

items_summed_to_category as (

    select
        products.category,
        order_items.sales_month,
        count(distinct order_items.order_id) as orders,
        sum(order_items.quantity) as units,
        sum(order_items.gross_sales) as gross_sales,
        sum(order_items.discounts) as discounts,
        sum(order_items.net_sales) as net_sales,
        sum(order_items.cost_of_goods_sold) as cost_of_goods_sold
    from order_items
    inner join products on order_items.product_id = products.product_id
    group by products.category, order_items.sales_month

),

refunds_summed_to_category as (

    select
        products.category,
        refunds.sales_month,
        sum(refunds.amount) as refunds
    from refunds
    inner join order_items on refunds.order_item_id = order_items.order_item_id
    inner join products on order_items.product_id = products.product_id
    group by products.category, refunds.sales_month

),

categories as (

    select
        category,
        min(sales_month) as first_month
    from (
        select
            category,
            sales_month
        from items_summed_to_category
        union all
        select
            category,
            sales_month
        from refunds_summed_to_category
    ) as months_of_categories
    group by category

),

categories_valued as (

    select
        months.sales_month,
        categories.category,
        coalesce(items_summed_to_category.orders, 0) as orders,
        coalesce(items_summed_to_category.units, 0) as units,
        coalesce(items_summed_to_category.gross_sales, 0) as gross_sales,
        coalesce(items_summed_to_category.discounts, 0) as discounts,
        coalesce(items_summed_to_category.net_sales, 0) as net_sales,
        coalesce(refunds_summed_to_category.refunds, 0) as refunds,
        coalesce(items_summed_to_category.net_sales, 0)
        - coalesce(refunds_summed_to_category.refunds, 0) as total_revenue,
        case
            when items_summed_to_category.category is null then 0
            else items_summed_to_category.cost_of_goods_sold
        end as cost_of_goods_sold,
        months.is_complete
    from categories
    inner join months on categories.first_month <= months.sales_month
    left join items_summed_to_category
        on
            categories.category = items_summed_to_category.category
            and months.sales_month = items_summed_to_category.sales_month
    left join refunds_summed_to_category
        on
            categories.category = refunds_summed_to_category.category
            and months.sales_month = refunds_summed_to_category.sales_month

),

-- Refunds can leave a category below zero; shares are of what is above.
categories_ranked as (

    select
        *,
        greatest(total_revenue, 0) as positive_revenue,
        sum(greatest(total_revenue, 0)) over (partition by sales_month) as revenue_of_month,
        row_number() over (
            partition by sales_month
            order by total_revenue desc, category asc
        ) as revenue_rank
    from categories_valued

),

categories_compared as (

    select
        *,
        lag(total_revenue) over (partition by category order by sales_month)
            as revenue_month_before,
        lag(revenue_rank) over (partition by category order by sales_month)
            as previous_revenue_rank
    from categories_ranked

),

final as (

    select
        sales_month,
        category,
        cast(orders as bigint) as orders,
        cast(units as bigint) as units,
        cast(gross_sales as numeric(18, 2)) as gross_sales,
        cast(discounts as numeric(18, 2)) as discounts,
        cast(net_sales as numeric(18, 2)) as net_sales,
        cast(refunds as numeric(18, 2)) as refunds,
        cast(total_revenue as numeric(18, 2)) as total_revenue,
        cast(total_revenue - cost_of_goods_sold as numeric(18, 2)) as gross_margin,
        {{ divide('positive_revenue', 'revenue_of_month', 6) }} as revenue_share,
        cast(revenue_rank as bigint) as revenue_rank,
        cast(case when is_complete then previous_revenue_rank - revenue_rank end as bigint)
            as rank_change,
        {{ growth('total_revenue', 'revenue_month_before', 'is_complete') }}
            as revenue_mom_growth,
        is_complete
    from categories_compared

)

select * from final
