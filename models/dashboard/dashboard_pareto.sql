-- One row per point of the products' Pareto curve: the best 50, the last of each class, and in a
-- larger shop every so many of the others, as a curve needs no more than some hundred points.
with

products as (

    select
        revenue_rank,
        abc_class,
        cumulative_entity_share,
        cumulative_revenue_share
    from {{ ref('revenue_pareto') }}
    where entity_type = 'product'

),

products_with_next as (

    select
        *,
        count(*) over () as products_ranked,
        lead(abc_class) over (order by revenue_rank) as next_class
    from products

),

final as (

    select
        revenue_rank,
        abc_class,
        cumulative_entity_share,
        cumulative_revenue_share
    from products_with_next
    where
        revenue_rank <= 50
        or mod(revenue_rank, 1 + cast(floor(products_ranked / 300.0) as bigint)) = 0
        or abc_class <> next_class
        or next_class is null

)

select * from final
