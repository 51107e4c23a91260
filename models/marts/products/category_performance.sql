-- One row per category x month, from the category's first month to the as-of date: what it sold,
-- its share of the month and its place among the categories. Refunds are dated by the month they
-- were given; orders without lines have no category and are left out.
with

products as (

    select
        product_id,
        category
    from {{ ref('dim_products') }}

),

movements as (

    select
        order_id,
        product_id,
        units,
        gross_sales,
        discounts,
        net_sales,
        refunds,
        net_revenue,
        cost_of_goods_sold,
        is_sale,
        movement_month
    from {{ ref('fct_revenue_movements') }}

),

categories as (

    select
        products.category,
        movements.movement_month as sale_month,
        count(distinct case when movements.is_sale then movements.order_id end) as orders,
        sum(movements.units) as units,
        sum(movements.gross_sales) as gross_sales,
        sum(movements.discounts) as discounts,
        sum(movements.net_sales) as net_sales,
        sum(movements.refunds) as refunds,
        sum(movements.net_revenue) as net_revenue,
        case
            when sum(case when movements.is_sale then 1 else 0 end) = 0 then 0
            else sum(movements.cost_of_goods_sold)
        end as cost_of_goods_sold
    from movements
    inner join products on movements.product_id = products.product_id
    group by products.category, movements.movement_month

),

{{ monthly_grid('categories', ['category'], [
    'orders', 'units', 'gross_sales', 'discounts', 'net_sales', 'refunds', 'net_revenue',
    'cost_of_goods_sold',
], 'net_revenue') }},

-- Refunds can leave a category below zero; shares are of what is above.
categories_ranked as (

    select
        *,
        greatest(net_revenue, 0) as positive_revenue,
        sum(greatest(net_revenue, 0)) over (partition by sale_month) as revenue_of_month,
        row_number() over (
            partition by sale_month
            order by net_revenue desc, category asc
        ) as revenue_rank
    from categories_compared

),

ranks_compared as (

    select
        *,
        lag(revenue_rank) over (partition by category order by sale_month)
            as revenue_rank_month_before
    from categories_ranked

),

final as (

    select
        sale_month,
        category,
        cast(orders as bigint) as orders,
        cast(units as bigint) as units,
        cast(gross_sales as numeric(18, 2)) as gross_sales,
        cast(discounts as numeric(18, 2)) as discounts,
        cast(net_sales as numeric(18, 2)) as net_sales,
        cast(refunds as numeric(18, 2)) as refunds,
        cast(net_revenue as numeric(18, 2)) as net_revenue,
        cast(net_revenue - cost_of_goods_sold as numeric(18, 2)) as gross_margin,
        {{ divide('positive_revenue', 'revenue_of_month', 6) }} as revenue_share,
        cast(revenue_rank as bigint) as revenue_rank,
        cast(
            case when is_complete then revenue_rank_month_before - revenue_rank end as bigint
        ) as rank_change,
        {{ growth('net_revenue', 'net_revenue_month_before', 'is_complete') }}
            as revenue_mom_growth,
        is_complete
    from ranks_compared

)

select * from final
