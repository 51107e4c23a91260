-- One row per subcategory, per category and for the whole shop: the products of product_performance
-- added up, to the cent.
{%- set levels = {
    'shop': [],
    'category': ['category'],
    'subcategory': ['category', 'subcategory'],
} %}
with

products as (

    select
        product_id,
        category,
        subcategory,
        total_quantity_sold as units,
        gross_sales,
        discounts,
        net_sales,
        refunds,
        total_revenue as net_revenue,
        cost_of_goods_sold,
        period_revenue,
        case when previous_period_revenue is not null then period_revenue end
            as comparable_revenue,
        previous_period_revenue,
        ratings,
        cast(avg_rating * ratings as numeric(18, 2)) as stars,
        total_orders > 0 as is_sold
    from {{ ref('product_performance') }}

),

levels as (

    {%- for level, columns in levels.items() %}
    select
        '{{ level }}' as level,
        {{ 'category' if 'category' in columns else "'All'" }} as category,
        {{ 'subcategory' if 'subcategory' in columns else "'All'" }} as subcategory,
        count(*) as products,
        sum(case when is_sold then 1 else 0 end) as products_sold,
        sum(units) as units,
        sum(gross_sales) as gross_sales,
        sum(discounts) as discounts,
        sum(net_sales) as net_sales,
        sum(refunds) as refunds,
        sum(net_revenue) as net_revenue,
        case when count(*) = count(cost_of_goods_sold) then sum(cost_of_goods_sold) end
            as cost_of_goods_sold,
        sum(period_revenue) as period_revenue,
        sum(comparable_revenue) as comparable_revenue,
        sum(previous_period_revenue) as previous_period_revenue,
        sum(ratings) as ratings,
        sum(stars) as stars
    from products
    {{ 'group by ' ~ columns | join(', ') if columns else 'having count(*) > 0' }}
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}

),

shop as (

    select net_revenue
    from levels
    where level = 'shop'

),

final as (

    select
        levels.level,
        levels.category,
        levels.subcategory,
        cast(levels.products as bigint) as products,
        cast(levels.products_sold as bigint) as products_sold,
        cast(levels.units as bigint) as units,
        cast(levels.gross_sales as numeric(18, 2)) as gross_sales,
        cast(levels.discounts as numeric(18, 2)) as discounts,
        cast(levels.net_sales as numeric(18, 2)) as net_sales,
        cast(levels.refunds as numeric(18, 2)) as refunds,
        cast(levels.net_revenue as numeric(18, 2)) as net_revenue,
        {{ divide('levels.net_revenue', 'shop.net_revenue', 6) }} as revenue_share,
        cast(levels.cost_of_goods_sold as numeric(18, 2)) as cost_of_goods_sold,
        cast(levels.net_revenue - levels.cost_of_goods_sold as numeric(18, 2)) as gross_margin,
        {{ divide(
            'levels.net_revenue - levels.cost_of_goods_sold', 'levels.net_revenue', 6
        ) }} as gross_margin_rate,
        {{ divide('levels.refunds', 'levels.net_sales', 6) }} as refund_rate,
        cast(levels.period_revenue as numeric(18, 2)) as period_revenue,
        cast(levels.previous_period_revenue as numeric(18, 2)) as previous_period_revenue,
        cast(
            case
                when levels.previous_period_revenue > 0
                    then {{ divide(
                        'levels.comparable_revenue - levels.previous_period_revenue',
                        'levels.previous_period_revenue',
                        6
                    ) }}
            end as numeric(18, 6)
        ) as like_for_like_growth,
        cast(levels.ratings as bigint) as ratings,
        {{ divide('levels.stars', 'levels.ratings', 6) }} as avg_rating
    from levels
    cross join shop

)

select * from final
