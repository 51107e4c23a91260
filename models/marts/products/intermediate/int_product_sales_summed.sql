-- One row per product, sold or not: what it sold to date, in the last var product_period_days days
-- and in as many before. Refunds count on the sale they belong to.
with

products as (

    select product_id
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
        on_sale_since
    from {{ ref('int_product_demand_measured') }}

),

clock as (

    select
        cast({{ dbt.dateadd('day', 1 - var('product_period_days'), 'as_of_date') }} as date)
            as period_start,
        cast({{ dbt.dateadd('day', 1 - 2 * var('product_period_days'), 'as_of_date') }} as date)
            as previous_period_start
    from {{ ref('dim_clock') }}

),

sales_summed_to_product as (

    select
        order_items.product_id,
        count(distinct order_items.order_id) as orders,
        sum(order_items.quantity) as units,
        sum(order_items.gross_sales) as gross_sales,
        sum(order_items.discounts) as discounts,
        sum(order_items.net_sales) as net_sales,
        sum(order_items.refunds) as refunds,
        sum(order_items.net_revenue) as net_revenue,
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

final as (

    select
        products.product_id,
        {%- for count in ['orders', 'units'] %}
        cast(coalesce(sales_summed_to_product.{{ count }}, 0) as bigint) as {{ count }},
        {%- endfor %}
        {%- for money in ['gross_sales', 'discounts', 'net_sales', 'refunds', 'net_revenue'] %}
        cast(coalesce(sales_summed_to_product.{{ money }}, 0) as numeric(18, 2)) as {{ money }},
        {%- endfor %}
        cast(
            case
                when sales_summed_to_product.product_id is null then 0
                else sales_summed_to_product.cost_of_goods_sold
            end as numeric(18, 2)
        ) as cost_of_goods_sold,
        cast(coalesce(sales_summed_to_product.period_revenue, 0) as numeric(18, 2))
            as period_revenue,
        -- null where the product was not on sale all that time
        cast(
            case
                when demand.on_sale_since <= clock.previous_period_start
                    then coalesce(sales_summed_to_product.previous_period_revenue, 0)
            end as numeric(18, 2)
        ) as previous_period_revenue,
        sales_summed_to_product.first_sale_date,
        sales_summed_to_product.last_sale_date
    from products
    cross join clock
    left join demand on products.product_id = demand.product_id
    left join sales_summed_to_product
        on products.product_id = sales_summed_to_product.product_id

)

select * from final
