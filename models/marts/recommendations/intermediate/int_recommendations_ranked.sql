-- One row per fold x customer x rank: the products a customer most likely buys next, of those that
-- can be recommended and that the customer does not own.
with

companions as (

    select
        is_test,
        customer_id,
        product_id,
        source_product_id,
        is_for_category,
        score
    from {{ ref('int_recommendation_companions') }}

),

wanted as (

    select
        is_test,
        customer_id,
        product_id,
        is_for_category,
        score
    from {{ ref('int_recommendation_wanted') }}

),

candidates as (

    select
        is_test,
        customer_id,
        product_id,
        source_product_id,
        is_for_category,
        score
    from companions
    union all
    select
        wanted.is_test,
        wanted.customer_id,
        wanted.product_id,
        null as source_product_id,
        wanted.is_for_category,
        wanted.score
    from wanted
    left join companions
        on
            wanted.is_test = companions.is_test
            and wanted.customer_id = companions.customer_id
            and wanted.product_id = companions.product_id
    where companions.product_id is null

),

candidates_ranked as (

    select
        *,
        row_number() over (
            partition by is_test, customer_id
            order by score desc, product_id
        ) as recommendation_rank
    from candidates

),

final as (

    select
        is_test,
        customer_id,
        recommendation_rank,
        product_id,
        source_product_id,
        is_for_category,
        score
    from candidates_ranked
    where recommendation_rank <= {{ recommendation_list_length() }}

)

select * from final
