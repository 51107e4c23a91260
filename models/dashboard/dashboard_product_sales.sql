-- One row per month, country and product with sales or refunds, each in its own month. Where that
-- makes too many rows for the page, countries are not kept apart; where that is still too much,
-- only the best products are here.
with

movements as (

    select
        movement_month as month,
        country,
        product_id,
        order_id,
        units,
        net_sales,
        refunds,
        net_revenue,
        cost_of_goods_sold,
        is_sale
    from {{ ref('fct_revenue_movements') }}
    where product_id is not null

),

best_products as (

    select product_id
    from {{ ref('product_performance') }}
    where revenue_rank <= 1000

),

costs as (

    select count(cost_of_goods_sold) > 0 as are_known
    from movements

),

sales_by_country as (

    select
        movements.month,
        movements.country,
        movements.product_id,
        count(distinct case when movements.is_sale then movements.order_id end) as orders,
        sum(movements.units) as units,
        sum(movements.net_sales) as net_sales,
        sum(movements.refunds) as refunds,
        sum(movements.net_revenue) as net_revenue,
        sum(
            case
                when costs.are_known
                    then movements.net_revenue - coalesce(movements.cost_of_goods_sold, 0)
            end
        ) as gross_margin
    from movements
    cross join costs
    group by movements.month, movements.country, movements.product_id

),

products_by_month as (

    select
        month,
        product_id,
        count(*) as countries
    from sales_by_country
    group by month, product_id

),

detail as (

    select
        coalesce(sum(countries), 0) <= {{ dashboard_most_rows() }} as has_countries,
        count(*) <= {{ dashboard_most_rows() }} as has_all_products
    from products_by_month

),

sales_in_detail as (

    select
        sales_by_country.month,
        case when detail.has_countries then sales_by_country.country end as country,
        sales_by_country.product_id,
        sales_by_country.orders,
        sales_by_country.units,
        sales_by_country.net_sales,
        sales_by_country.refunds,
        sales_by_country.net_revenue,
        sales_by_country.gross_margin,
        detail.has_countries,
        detail.has_all_products
    from sales_by_country
    cross join detail
    left join best_products on sales_by_country.product_id = best_products.product_id
    where detail.has_all_products or best_products.product_id is not null

),

final as (

    select
        -- dimensions
        month,
        country,
        product_id,

        -- measures
        cast(sum(orders) as bigint) as orders,
        cast(sum(units) as bigint) as units,
        cast(sum(net_sales) as numeric(18, 2)) as net_sales,
        cast(sum(refunds) as numeric(18, 2)) as refunds,
        cast(sum(net_revenue) as numeric(18, 2)) as net_revenue,
        cast(sum(gross_margin) as numeric(18, 2)) as gross_margin,

        -- metadata
        has_countries,
        has_all_products
    from sales_in_detail
    group by month, country, product_id, has_countries, has_all_products

)

select * from final
