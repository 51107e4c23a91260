-- One row per customer x rank: what to offer next, best first. Lists are full as long as the shop
-- has enough products, also for customers who never bought.
with

recommendations as (

    select
        customer_id,
        recommendation_rank,
        product_id,
        source_product_id,
        is_for_category,
        score
    from {{ ref('int_recommendations_ranked') }}
    where not is_test and recommendation_rank <= {{ var('recommendations_per_customer') }}

),

products as (

    select
        product_id,
        product_name,
        category
    from {{ ref('dim_products') }}

),

final as (

    select
        -- identifiers
        recommendations.customer_id,
        cast(recommendations.recommendation_rank as bigint) as recommendation_rank,
        recommendations.product_id,
        recommendations.source_product_id as because_product_id,

        -- dimensions
        products.product_name,
        products.category,
        case
            when recommendations.source_product_id is not null then 'bought_by_similar_customers'
            when recommendations.is_for_category then 'favorite_category'
            else 'popular'
        end as reason_type,
        case
            when recommendations.source_product_id is not null
                then 'Customers who bought ' || sources.product_name || ' also bought this'
            when recommendations.is_for_category
                then 'Popular in ' || products.category || ', which this customer buys'
            else 'Popular with all customers'
        end as reason,

        -- measures
        recommendations.score / 1e11 as score
    from recommendations
    inner join products on recommendations.product_id = products.product_id
    left join products as sources on recommendations.source_product_id = sources.product_id

)

select * from final
