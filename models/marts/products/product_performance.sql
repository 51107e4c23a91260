-- One row per product, sold or not: what it earned to date, how well against the others, how
-- evenly, and what customers say of it. Refunds count on the sale they belong to.
{%- set top, good, average = var('performance_shares') %}
with

products as (

    select
        product_id,
        product_name,
        category,
        subcategory,
        price,
        cost
    from {{ ref('dim_products') }}

),

sales as (

    select
        product_id,
        orders,
        units,
        gross_sales,
        discounts,
        net_sales,
        refunds,
        net_revenue,
        cost_of_goods_sold,
        period_revenue,
        previous_period_revenue,
        first_sale_date,
        last_sale_date
    from {{ ref('int_product_sales_summed') }}

),

pareto as (

    select
        entity_id as product_id,
        abc_class,
        cumulative_revenue_share
    from {{ ref('revenue_pareto') }}
    where entity_type = 'product'

),

variability as (

    select
        product_id,
        xyz_class,
        demand_variability
    from {{ ref('int_product_variability_measured') }}

),

demand as (

    select
        product_id,
        in_stock_days,
        sales_velocity
    from {{ ref('int_product_demand_measured') }}

),

opinions as (

    select
        product_id,
        reviews,
        ratings,
        avg_rating,
        avg_polarity
    from {{ ref('review_sentiment_rollups') }}
    where level = 'product'

),

-- What never sold adds nothing to the share of revenue.
products_ranked as (

    select
        sales.*,
        pareto.abc_class,
        row_number() over (order by sales.net_revenue desc, sales.product_id) as revenue_rank,
        cast(coalesce(
            pareto.cumulative_revenue_share, max(pareto.cumulative_revenue_share) over ()
        ) as numeric(18, 6)) as cumulative_revenue_share,
        case
            when sales.orders > 0
                then
                    rank() over (
                        order by
                            case when sales.orders > 0 then 0 else 1 end,
                            sales.net_revenue desc
                    ) - 1
        end as products_above,
        count(pareto.product_id) over () as products_sold
    from sales
    left join pareto on sales.product_id = pareto.product_id

),

final as (

    select
        -- identifiers
        products.product_id,

        -- dimensions
        products.product_name,
        products.category,
        products.subcategory,
        case
            when ranked.products_above < {{ top }} * ranked.products_sold then 'Top'
            when ranked.products_above < {{ good }} * ranked.products_sold then 'Good'
            when ranked.products_above < {{ average }} * ranked.products_sold then 'Average'
            else 'Low'
        end as performance_category,
        coalesce(ranked.abc_class, 'C') as abc_class,
        variability.xyz_class,

        -- measures
        products.price,
        products.cost,
        cast(products.price - products.cost as numeric(18, 2)) as profit_margin,
        ranked.orders as total_orders,
        ranked.units as total_quantity_sold,
        ranked.gross_sales,
        ranked.discounts,
        ranked.net_sales,
        ranked.refunds,
        ranked.net_revenue as total_revenue,
        ranked.cost_of_goods_sold,
        cast(ranked.net_revenue - ranked.cost_of_goods_sold as numeric(18, 2)) as gross_margin,
        {{ divide('ranked.net_revenue - ranked.cost_of_goods_sold', 'ranked.net_revenue', 6) }}
            as gross_margin_rate,
        {{ divide('ranked.refunds', 'ranked.net_sales', 6) }} as refund_rate,
        cast(ranked.revenue_rank as bigint) as revenue_rank,
        ranked.cumulative_revenue_share,
        variability.demand_variability,
        demand.in_stock_days,
        demand.sales_velocity,
        ranked.period_revenue,
        ranked.previous_period_revenue,
        {{ growth('ranked.period_revenue', 'ranked.previous_period_revenue') }} as revenue_growth,
        coalesce(opinions.reviews, 0) as reviews,
        coalesce(opinions.ratings, 0) as ratings,
        opinions.avg_rating,
        opinions.avg_polarity,

        -- metadata
        ranked.first_sale_date,
        ranked.last_sale_date
    from products
    inner join products_ranked as ranked on products.product_id = ranked.product_id
    inner join demand on products.product_id = demand.product_id
    left join variability on products.product_id = variability.product_id
    left join opinions on products.product_id = opinions.product_id

)

select * from final
