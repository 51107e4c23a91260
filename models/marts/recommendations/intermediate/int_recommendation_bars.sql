-- One row per fold x customer: the bar that a product must reach to be in the list. As many of the
-- products that customers of this price level want most as the list is long, and as many more as
-- the customer owns, fill the list whatever is owned; the bar is the score of the last of them.
with

tastes as (

    select
        is_test,
        customer_id,
        favorite_category,
        favorite_weight,
        price_level,
        {{ recommendation_list_length() }} + owned_products as filling_products
    from {{ ref('int_recommendation_tastes') }}

),

levels_ranked as (

    select
        is_test,
        price_level,
        score,
        level_rank
    from {{ ref('int_recommendation_levels_ranked') }}

),

final as (

    select
        tastes.is_test,
        tastes.customer_id,
        tastes.favorite_category,
        tastes.favorite_weight,
        tastes.price_level,
        coalesce(levels_ranked.score, 0) as bar
    from tastes
    left join levels_ranked
        on
            tastes.is_test = levels_ranked.is_test
            and tastes.price_level = levels_ranked.price_level
            and tastes.filling_products = levels_ranked.level_rank

)

select * from final
