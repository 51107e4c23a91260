-- One row per category and state of stock with products.
with

products as (

    select
        category,
        status,
        units_on_hand,
        stock_cost,
        lost_sales
    from {{ ref('inventory_health') }}

),

final as (

    select
        category,
        status,
        cast(count(*) as bigint) as products,
        cast(sum(units_on_hand) as bigint) as units_on_hand,
        cast(sum(stock_cost) as numeric(18, 2)) as stock_cost,
        cast(sum(lost_sales) as numeric(18, 2)) as lost_sales
    from products
    group by category, status

)

select * from final
