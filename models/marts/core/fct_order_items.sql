-- One row per order line. Every measure is additive; lines of orders that are not sales keep their
-- measures, so filter on is_sale. A product without a cost is costed at the cost rate of its
-- category, else of the shop. Orders without lines are in fct_orders only.
with

order_items as (

    select
        order_item_id,
        order_id,
        product_id,
        customer_id,
        category,
        quantity,
        unit_price,
        gross_sales,
        discounts,
        net_sales,
        known_cost,
        is_sale,
        order_date,
        ordered_at
    from {{ ref('int_order_items_priced') }}

),

refunds_summed_to_line as (

    select
        order_item_id,
        sum(amount) as refunds
    from {{ ref('int_refunds_allocated') }}
    where order_item_id is not null
    group by order_item_id

),

cost_rates as (

    select
        scope,
        category,
        cost_rate
    from {{ ref('int_cost_rates') }}

),

lines_costed as (

    select
        order_items.*,
        coalesce(refunds_summed_to_line.refunds, 0) as refunds,
        cast(coalesce(
            order_items.known_cost,
            order_items.gross_sales * coalesce(category_rates.cost_rate, shop_rate.cost_rate)
        ) as numeric(18, 2)) as cost_of_goods_sold,
        order_items.known_cost is null and shop_rate.cost_rate is not null as is_cost_imputed
    from order_items
    inner join cost_rates as shop_rate on shop_rate.scope = 'shop'
    left join cost_rates as category_rates
        on category_rates.scope = 'category' and order_items.category = category_rates.category
    left join refunds_summed_to_line
        on order_items.order_item_id = refunds_summed_to_line.order_item_id

),

final as (

    select
        -- identifiers
        order_item_id,
        order_id,
        product_id,
        customer_id,

        -- measures
        cast(quantity as bigint) as quantity,
        unit_price,
        gross_sales,
        discounts,
        net_sales,
        cast(refunds as numeric(18, 2)) as refunds,
        cast(net_sales - refunds as numeric(18, 2)) as net_revenue,
        cost_of_goods_sold,
        cast(net_sales - refunds - cost_of_goods_sold as numeric(18, 2)) as gross_margin,

        -- metadata
        is_sale,
        unit_price = 0 as is_free,
        is_cost_imputed,
        order_date,
        ordered_at
    from lines_costed

)

select * from final
