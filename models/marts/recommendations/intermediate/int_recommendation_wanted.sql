-- One row per fold x customer x product that is wanted anyway: its score before purchases speak
-- reaches the customer's bar, and the customer does not own it. It is demand at the customer's
-- price level, more of it in the favourite category.
with

bars as (

    select
        is_test,
        customer_id,
        favorite_category,
        favorite_weight,
        price_level,
        bar
    from {{ ref('int_recommendation_bars') }}

),

levels_ranked as (

    select
        is_test,
        price_level,
        product_id,
        category,
        demand,
        tilt
    from {{ ref('int_recommendation_levels_ranked') }}

),

owned as (

    select
        is_test,
        customer_id,
        product_id
    from {{ ref('int_recommendation_purchases') }}
    where not is_repeatable

),

products_of_levels as (

    select
        bars.is_test,
        bars.customer_id,
        bars.bar,
        levels_ranked.product_id,
        levels_ranked.demand,
        levels_ranked.tilt,
        {{ recommendation_favorite_demand(
            'levels_ranked.demand', 'levels_ranked.category',
            'bars.favorite_category', 'bars.favorite_weight'
        ) }} as favorite_demand
    from bars
    inner join levels_ranked
        on
            bars.is_test = levels_ranked.is_test
            and bars.price_level = levels_ranked.price_level

),

products_scored as (

    select
        is_test,
        customer_id,
        bar,
        product_id,
        favorite_demand > 0 as is_for_category,
        cast(demand * 100000 + favorite_demand as double precision) * tilt as score
    from products_of_levels

),

final as (

    select
        products_scored.is_test,
        products_scored.customer_id,
        products_scored.product_id,
        products_scored.is_for_category,
        products_scored.score
    from products_scored
    left join owned
        on
            products_scored.is_test = owned.is_test
            and products_scored.customer_id = owned.customer_id
            and products_scored.product_id = owned.product_id
    where
        products_scored.score >= products_scored.bar
        and owned.product_id is null

)

select * from final
