-- One row per product, sold or not: what it earned to date, how well against the others, how
-- evenly, and what customers say of it. Refunds count on the sale they belong to.
{%- set top, good, average = var('performance_shares') %}
{%- set abc_a, abc_b = var('abc_shares') %}
{%- set xyz_x, xyz_y = var('xyz_deviations') %}
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

order_items as (

    select
        order_id,
        product_id,
        quantity,
        gross_sales,
        discounts,
        net_sales,
        refunds,
        net_revenue,
        cost_of_goods_sold,
        order_date
    from {{ ref('fct_order_items') }}
    where is_sale

),

demand as (

    select
        product_id,
        in_stock_days,
        sales_velocity,
        on_sale_since
    from {{ ref('int_product_demand_measured') }}

),

reviews as (

    select
        product_id,
        rating
    from {{ ref('fct_reviews') }}

),

sentiment as (

    select
        product_id,
        polarity
    from {{ ref('review_sentiment') }}
    where polarity is not null

),

clock as (

    select
        as_of_date,
        cast({{ dbt.dateadd('day', 1 - var('product_period_days'), 'as_of_date') }} as date)
            as period_start,
        cast({{ dbt.dateadd('day', 1 - 2 * var('product_period_days'), 'as_of_date') }} as date)
            as previous_period_start
    from {{ ref('dim_clock') }}

),

months as (

    select distinct month_start_date
    from {{ ref('dim_dates') }}
    where is_month_complete

),

complete_months as (

    select months.month_start_date
    from months
    cross join clock
    where
        months.month_start_date >= cast(
            {{ dbt.dateadd(
                'month', -var('xyz_months'), dbt.date_trunc('month', 'clock.as_of_date')
            ) }} as date
        )

),

sales_summed_to_product as (

    select
        order_items.product_id,
        count(distinct order_items.order_id) as total_orders,
        sum(order_items.quantity) as total_quantity_sold,
        sum(order_items.gross_sales) as gross_sales,
        sum(order_items.discounts) as discounts,
        sum(order_items.net_sales) as net_sales,
        sum(order_items.refunds) as refunds,
        sum(order_items.net_revenue) as total_revenue,
        sum(order_items.cost_of_goods_sold) as cost_of_goods_sold,
        sum(
            case
                when order_items.order_date >= clock.period_start then order_items.net_revenue
                else 0
            end
        ) as period_revenue,
        sum(
            case
                when
                    order_items.order_date >= clock.previous_period_start
                    and order_items.order_date < clock.period_start
                    then order_items.net_revenue
                else 0
            end
        ) as previous_period_revenue,
        min(order_items.order_date) as first_sale_date,
        max(order_items.order_date) as last_sale_date
    from order_items
    cross join clock
    group by order_items.product_id

),

-- Whole months on sale: a product's demand is judged from its first one.
months_on_sale as (

    select
        demand.product_id,
        complete_months.month_start_date
    from demand
    inner join complete_months on demand.on_sale_since <= complete_months.month_start_date

),

units_summed_to_month as (

    select
        product_id,
        cast({{ dbt.date_trunc('month', 'order_date') }} as date) as order_month,
        sum(quantity) as units
    from order_items
    group by product_id, cast({{ dbt.date_trunc('month', 'order_date') }} as date)

),

months_summed_to_product as (

    select
        months_on_sale.product_id,
        count(*) as months,
        sum(coalesce(units_summed_to_month.units, 0)) as units,
        sum(coalesce(units_summed_to_month.units * units_summed_to_month.units, 0))
            as squared_units
    from months_on_sale
    left join units_summed_to_month
        on
            months_on_sale.product_id = units_summed_to_month.product_id
            and months_on_sale.month_start_date = units_summed_to_month.order_month
    group by months_on_sale.product_id

),

-- (deviation ÷ mean)² = n Σx² ÷ (Σx)² − 1; null where there is too little to judge.
demand_variability as (

    select
        product_id,
        {{ divide('months * squared_units - units * units', 'units * units', 6) }}
            as squared_deviation
    from months_summed_to_product
    where months >= 3 and units > 0

),

reviews_summed_to_product as (

    select
        product_id,
        count(*) as reviews,
        count(rating) as ratings,
        sum(rating) as stars
    from reviews
    group by product_id

),

sentiment_summed_to_product as (

    select
        product_id,
        avg(cast(polarity as {{ dbt.type_float() }})) as avg_polarity
    from sentiment
    group by product_id

),

products_valued as (

    select
        products.product_id,
        coalesce(sales_summed_to_product.total_orders, 0) as total_orders,
        coalesce(sales_summed_to_product.total_quantity_sold, 0) as total_quantity_sold,
        coalesce(sales_summed_to_product.gross_sales, 0) as gross_sales,
        coalesce(sales_summed_to_product.discounts, 0) as discounts,
        coalesce(sales_summed_to_product.net_sales, 0) as net_sales,
        coalesce(sales_summed_to_product.refunds, 0) as refunds,
        coalesce(sales_summed_to_product.total_revenue, 0) as total_revenue,
        case
            when sales_summed_to_product.product_id is null then 0
            else sales_summed_to_product.cost_of_goods_sold
        end as cost_of_goods_sold,
        coalesce(sales_summed_to_product.period_revenue, 0) as period_revenue,
        case
            when coalesce(demand.on_sale_since > clock.previous_period_start, true) then null
            else coalesce(sales_summed_to_product.previous_period_revenue, 0)
        end as previous_period_revenue,
        demand.in_stock_days,
        demand.sales_velocity,
        sales_summed_to_product.first_sale_date,
        sales_summed_to_product.last_sale_date
    from products
    cross join clock
    left join sales_summed_to_product
        on products.product_id = sales_summed_to_product.product_id
    left join demand on products.product_id = demand.product_id

),

products_ranked as (

    select
        *,
        row_number() over (order by total_revenue desc, product_id) as revenue_rank,
        case
            when total_orders > 0
                then
                    rank() over (
                        order by case when total_orders > 0 then 0 else 1 end, total_revenue desc
                    ) - 1
        end as products_above,
        sum(case when total_orders > 0 then 1 else 0 end) over () as products_sold,
        sum(greatest(total_revenue, 0)) over () as revenue_of_all,
        sum(greatest(total_revenue, 0)) over (
            order by total_revenue desc, product_id
            rows between unbounded preceding and current row
        ) - greatest(total_revenue, 0) as revenue_above
    from products_valued

),

products_classified as (

    select
        *,
        case
            when products_above < {{ top }} * products_sold then 'Top'
            when products_above < {{ good }} * products_sold then 'Good'
            when products_above < {{ average }} * products_sold then 'Average'
            else 'Low'
        end as performance_category,
        case
            when total_revenue <= 0 then 'C'
            when revenue_above < {{ abc_a }} * revenue_of_all then 'A'
            when revenue_above < {{ abc_b }} * revenue_of_all then 'B'
            else 'C'
        end as abc_class
    from products_ranked

),

final as (

    select
        -- identifiers
        products.product_id,

        -- dimensions
        products.product_name,
        products.category,
        products.subcategory,
        products_classified.performance_category,
        products_classified.abc_class,
        case
            when demand_variability.squared_deviation <= {{ xyz_x * xyz_x }} then 'X'
            when demand_variability.squared_deviation <= {{ xyz_y * xyz_y }} then 'Y'
            when demand_variability.squared_deviation is not null then 'Z'
        end as xyz_class,

        -- measures
        products.price,
        products.cost,
        cast(products.price - products.cost as numeric(18, 2)) as profit_margin,
        cast(products_classified.total_orders as bigint) as total_orders,
        cast(products_classified.total_quantity_sold as bigint) as total_quantity_sold,
        cast(products_classified.gross_sales as numeric(18, 2)) as gross_sales,
        cast(products_classified.discounts as numeric(18, 2)) as discounts,
        cast(products_classified.net_sales as numeric(18, 2)) as net_sales,
        cast(products_classified.refunds as numeric(18, 2)) as refunds,
        cast(products_classified.total_revenue as numeric(18, 2)) as total_revenue,
        cast(products_classified.cost_of_goods_sold as numeric(18, 2)) as cost_of_goods_sold,
        cast(
            products_classified.total_revenue - products_classified.cost_of_goods_sold
            as numeric(18, 2)
        ) as gross_margin,
        {{ divide(
            'products_classified.total_revenue - products_classified.cost_of_goods_sold',
            'products_classified.total_revenue',
            6
        ) }} as gross_margin_rate,
        {{ divide('products_classified.refunds', 'products_classified.net_sales', 6) }}
            as refund_rate,
        cast(products_classified.revenue_rank as bigint) as revenue_rank,
        {{ divide(
            'products_classified.revenue_above + greatest(products_classified.total_revenue, 0)',
            'products_classified.revenue_of_all',
            6
        ) }} as cumulative_revenue_share,
        sqrt(cast(demand_variability.squared_deviation as {{ dbt.type_float() }}))
            as demand_variability,
        cast(products_classified.in_stock_days as bigint) as in_stock_days,
        products_classified.sales_velocity,
        cast(products_classified.period_revenue as numeric(18, 2)) as period_revenue,
        cast(products_classified.previous_period_revenue as numeric(18, 2))
            as previous_period_revenue,
        cast(
            case
                when products_classified.previous_period_revenue > 0
                    then {{ divide(
                        'products_classified.period_revenue
                        - products_classified.previous_period_revenue',
                        'products_classified.previous_period_revenue',
                        6
                    ) }}
            end as numeric(18, 6)
        ) as revenue_growth,
        cast(coalesce(reviews_summed_to_product.reviews, 0) as bigint) as reviews,
        cast(coalesce(reviews_summed_to_product.ratings, 0) as bigint) as ratings,
        {{ divide('reviews_summed_to_product.stars', 'reviews_summed_to_product.ratings', 6) }}
            as avg_rating,
        cast(sentiment_summed_to_product.avg_polarity as {{ dbt.type_float() }}) as avg_polarity,

        -- metadata
        products_classified.first_sale_date,
        products_classified.last_sale_date
    from products
    inner join products_classified on products.product_id = products_classified.product_id
    left join demand_variability on products.product_id = demand_variability.product_id
    left join reviews_summed_to_product
        on products.product_id = reviews_summed_to_product.product_id
    left join sentiment_summed_to_product
        on products.product_id = sentiment_summed_to_product.product_id

)

select * from final
