-- One row per category with known costs, and one for the whole shop (category is null): what goods
-- cost of what they sell for, to stand in where a product has no cost.
with

order_items as (

    select
        category,
        gross_sales,
        known_cost
    from {{ ref('int_order_items_priced') }}
    where known_cost is not null

),

final as (

    select
        'category' as scope,
        category,
        {{ divide('sum(known_cost)', 'sum(gross_sales)', 6) }} as cost_rate
    from order_items
    where category is not null
    group by category
    union all
    select
        'shop' as scope,
        null as category,
        {{ divide('sum(known_cost)', 'sum(gross_sales)', 6) }} as cost_rate
    from order_items

)

select * from final
