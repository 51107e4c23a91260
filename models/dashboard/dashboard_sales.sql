-- One row per month, country and category with sales or refunds, each in its own month. Orders
-- without lines, and refunds of them, have no category.
with

movements as (

    select
        movement_month as month,
        country,
        product_id,
        units,
        net_sales,
        refunds,
        net_revenue,
        cost_of_goods_sold
    from {{ ref('fct_revenue_movements') }}

),

products as (

    select
        product_id,
        category
    from {{ ref('dim_products') }}

),

costs as (

    select count(cost_of_goods_sold) > 0 as are_known
    from movements

),

final as (

    select
        -- dimensions
        movements.month,
        movements.country,
        products.category,

        -- measures
        cast(sum(movements.units) as bigint) as units,
        cast(sum(movements.net_sales) as numeric(18, 2)) as net_sales,
        cast(sum(movements.refunds) as numeric(18, 2)) as refunds,
        cast(sum(movements.net_revenue) as numeric(18, 2)) as net_revenue,
        cast(sum(
            case
                when costs.are_known
                    then movements.net_revenue - coalesce(movements.cost_of_goods_sold, 0)
            end
        ) as numeric(18, 2)) as gross_margin
    from movements
    cross join costs
    left join products on movements.product_id = products.product_id
    group by movements.month, movements.country, products.category

)

select * from final
