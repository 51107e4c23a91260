-- One row per fold x price level of customers x product: what customers of that level want most,
-- before their own purchases speak. Of each level as many of the products in demand as fill any
-- list, however much its customers own, and the best of each category.
{%- set list_length = recommendation_list_length() %}
with

tastes as (

    select
        is_test,
        price_level,
        owned_products
    from {{ ref('int_recommendation_tastes') }}

),

popularity as (

    select
        is_test,
        product_id,
        category,
        price_level,
        demand,
        demand_rank,
        category_demand_rank
    from {{ ref('int_recommendation_popularity') }}

),

levels as (

    select
        is_test,
        price_level,
        max(owned_products) as most_owned_products
    from tastes
    group by is_test, price_level

),

products_tilted as (

    select
        levels.is_test,
        levels.price_level,
        popularity.product_id,
        popularity.category,
        popularity.demand,
        {{ recommendation_price_tilt('levels.price_level', 'popularity.price_level') }} as tilt
    from levels
    inner join popularity
        on
            levels.is_test = popularity.is_test
            and (
                popularity.demand_rank <= {{ 2 * list_length }} + levels.most_owned_products
                or popularity.category_demand_rank <= {{ list_length }}
            )

),

products_scored as (

    select
        is_test,
        price_level,
        product_id,
        category,
        demand,
        tilt,
        cast(demand * 100000 as double precision) * tilt as score
    from products_tilted

),

final as (

    select
        is_test,
        price_level,
        product_id,
        category,
        demand,
        tilt,
        score,
        row_number() over (
            partition by is_test, price_level
            order by score desc, product_id
        ) as level_rank
    from products_scored

)

select * from final
