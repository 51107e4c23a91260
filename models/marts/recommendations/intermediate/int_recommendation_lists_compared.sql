-- One row per method x tested customer x rank: the lists that are tested, all chosen from the same
-- products. Beside the recommender two simple ones: what most customers bought, and what most
-- bought in the customer's favourite category, then elsewhere.
{%- set list_length = recommendation_accuracy_ks() | max %}
with

held_out as (

    select distinct customer_id
    from {{ ref('int_products_held_out') }}

),

tastes as (

    select
        customer_id,
        favorite_category,
        owned_products
    from {{ ref('int_recommendation_tastes') }}
    where is_test

),

owned as (

    select
        customer_id,
        product_id
    from {{ ref('int_recommendation_purchases') }}
    where is_test and not is_repeatable

),

popularity as (

    select
        product_id,
        category,
        popularity_rank,
        category_popularity_rank
    from {{ ref('int_recommendation_popularity') }}
    where is_test

),

recommendations as (

    select
        customer_id,
        recommendation_rank,
        product_id
    from {{ ref('int_recommendations_ranked') }}
    where is_test and recommendation_rank <= {{ list_length }}

),

tested as (

    select
        held_out.customer_id,
        tastes.favorite_category,
        {{ list_length }} + tastes.owned_products as products
    from held_out
    inner join tastes on held_out.customer_id = tastes.customer_id

),

-- As many of the most popular as fill the list even if the customer owns of them whatever is owned.
popular as (

    select
        tested.customer_id,
        popularity.product_id,
        popularity.popularity_rank,
        coalesce(popularity.category = tested.favorite_category, false) as is_favorite
    from tested
    inner join popularity on tested.products >= popularity.popularity_rank

),

popular_in_category as (

    select
        tested.customer_id,
        popularity.product_id,
        popularity.popularity_rank
    from tested
    inner join popularity
        on
            tested.favorite_category = popularity.category
            and tested.products >= popularity.category_popularity_rank

),

candidates as (

    select
        'popularity' as method,
        customer_id,
        product_id,
        1 as part,
        popularity_rank
    from popular
    union all
    select
        'favorite_category' as method,
        customer_id,
        product_id,
        1 as part,
        popularity_rank
    from popular_in_category
    union all
    select
        'favorite_category' as method,
        customer_id,
        product_id,
        2 as part,
        popularity_rank
    from popular
    where not is_favorite

),

candidates_ranked as (

    select
        candidates.method,
        candidates.customer_id,
        candidates.product_id,
        row_number() over (
            partition by candidates.method, candidates.customer_id
            order by candidates.part, candidates.popularity_rank
        ) as list_rank
    from candidates
    left join owned
        on
            candidates.customer_id = owned.customer_id
            and candidates.product_id = owned.product_id
    where owned.product_id is null

),

final as (

    select
        method,
        customer_id,
        list_rank,
        product_id
    from candidates_ranked
    where list_rank <= {{ list_length }}
    union all
    select
        'recommender' as method,
        recommendations.customer_id,
        recommendations.recommendation_rank as list_rank,
        recommendations.product_id
    from recommendations
    inner join held_out on recommendations.customer_id = held_out.customer_id

)

select * from final
