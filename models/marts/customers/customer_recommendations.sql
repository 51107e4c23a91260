-- One row per customer x rank: what to offer next, best first. Lists are full as long as the shop
-- has enough products, also for customers who never bought.
with

ranked as (

    select
        customer_number,
        recommendation_rank,
        product_number,
        source_number,
        score
    from {{ ref('int_recommendations_ranked') }}
    where not is_test and recommendation_rank <= {{ var('recommendations_per_customer') }}

),

customers as (

    select
        customer_id,
        customer_number
    from {{ ref('int_recommendation_customers') }}

),

products_numbered as (

    select
        product_id,
        product_number,
        category_number
    from {{ ref('int_recommendation_products') }}

),

products_named as (

    select
        product_id,
        product_name,
        category
    from {{ ref('dim_products') }}

),

products as (

    select
        products_numbered.product_number,
        products_numbered.product_id,
        products_numbered.category_number,
        products_named.product_name,
        products_named.category
    from products_numbered
    inner join products_named on products_numbered.product_id = products_named.product_id

),

categories as (

    select distinct
        category_number,
        category
    from products

),

final as (

    select
        -- identifiers
        customers.customer_id,
        cast(ranked.recommendation_rank as bigint) as recommendation_rank,
        products.product_id,
        sources.product_id as because_product_id,

        -- dimensions
        products.product_name,
        products.category,
        case
            when sources.product_id is not null then 'bought_by_similar_customers'
            when categories.category is not null then 'favorite_category'
            else 'popular'
        end as reason_type,
        case
            when sources.product_id is not null
                then 'Customers who bought ' || sources.product_name || ' also bought this'
            when categories.category is not null
                then 'Popular in ' || categories.category || ', which this customer buys'
            else 'Popular with all customers'
        end as reason,

        -- measures
        ranked.score / 1e11 as score
    from ranked
    inner join customers on ranked.customer_number = customers.customer_number
    inner join products on ranked.product_number = products.product_number
    left join products as sources on ranked.source_number = sources.product_number
    left join categories on ranked.source_number = 9000000 + categories.category_number

)

select * from final
