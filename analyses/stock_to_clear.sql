-- Which stock should be cleared, and how far may its price fall?
-- How to read it: money_tied_up is what selling the surplus at cost would free; up to
-- deepest_markdown a sale still covers the cost. Offer it on the page of the product show_beside.
-- Reads inventory_health, product_performance, product_recommendations.
--
-- Surplus are the units that would still lie there after keep_days days of sales as measured; of a
-- product that does not sell, all of them. Stock on order is not counted: cancel it if you can.
{% set rows = 30 %}
{% set keep_days = 180 %}
with

stock as (

    select
        product_id,
        product_name,
        category,
        status,
        units_on_hand,
        units_on_order,
        sales_velocity,
        days_of_cover,
        last_sale_date,
        cast(
            ceiling(greatest(units_on_hand - coalesce(sales_velocity, 0) * {{ keep_days }}, 0))
            as bigint
        ) as surplus_units
    from {{ ref('inventory_health') }}
    where is_overstocked or is_dead_stock or status = 'Never sold'

),

products as (

    select
        product_id,
        price,
        cost
    from {{ ref('product_performance') }}

),

companions as (

    select
        recommended_product_id as product_id,
        product_name as companion,
        row_number() over (
            partition by recommended_product_id
            order by
                case recommendation_type when 'bought_together' then 0 else 1 end,
                score desc,
                product_id asc
        ) as companion_number
    from {{ ref('product_recommendations') }}
    where recommendation_type in ('bought_together', 'similar')

),

stock_valued as (

    select
        stock.product_id,
        stock.product_name,
        stock.category,
        stock.status,
        stock.units_on_hand,
        stock.units_on_order,
        stock.surplus_units,
        stock.days_of_cover,
        cast(stock.surplus_units * products.cost as numeric(18, 2)) as money_tied_up,
        products.price,
        products.cost,
        {{ divide('(products.price - products.cost)', 'products.price', 6) }} as deepest_markdown,
        companions.companion as show_beside,
        stock.last_sale_date
    from stock
    left join products on stock.product_id = products.product_id
    left join companions
        on stock.product_id = companions.product_id and companions.companion_number = 1
    where stock.surplus_units > 0

),

stock_ranked as (

    select
        row_number() over (
            order by
                money_tied_up desc nulls last, surplus_units desc, product_id asc
        ) as place,
        *
    from stock_valued

)

select * from stock_ranked
where place <= {{ rows }}
order by place
