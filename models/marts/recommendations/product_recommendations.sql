-- One row per product x rank: what to show beside a product. First what is bought together with
-- it, then substitutes, then similar products; every pair once, under the first kind that fits.
with

goods as (

    select
        product_id,
        is_available
    from {{ ref('int_recommendation_products') }}
    where not is_no_product

),

catalogue as (

    select
        product_id,
        product_name,
        subcategory,
        price
    from {{ ref('dim_products') }}

),

bought_together as (

    select
        product_id,
        other_product_id,
        pair_count,
        product_count,
        other_count
    from {{ ref('int_products_bought_together') }}

),

alike as (

    select
        product_id,
        other_product_id,
        content_similarity,
        shared_word_share,
        is_same_subcategory
    from {{ ref('int_products_compared') }}

),

products as (

    select
        goods.product_id,
        catalogue.product_name,
        catalogue.subcategory,
        catalogue.price,
        goods.is_available
    from goods
    inner join catalogue on goods.product_id = catalogue.product_id

),

pairs as (

    select
        coalesce(bought_together.product_id, alike.product_id) as product_id,
        coalesce(bought_together.other_product_id, alike.other_product_id) as other_product_id,
        bought_together.pair_count,
        bought_together.product_count,
        bought_together.other_count,
        alike.content_similarity,
        alike.shared_word_share,
        coalesce(alike.is_same_subcategory, false) as is_same_subcategory
    from bought_together
    full outer join alike
        on
            bought_together.product_id = alike.product_id
            and bought_together.other_product_id = alike.other_product_id

),

-- Cosine of the two products' baskets; alikeness of the two products' descriptions.
pairs_scored as (

    select
        pairs.product_id,
        pairs.pair_count,
        pairs.product_count,
        pairs.is_same_subcategory,
        case
            when pairs.pair_count is not null then 'bought_together'
            when
                (
                    pairs.is_same_subcategory
                    or pairs.shared_word_share >= {{ recommendation_same_kind_word_share() }}
                )
                and others.price <= products.price * {{ 1 + var('substitute_price_tolerance') }}
                and products.price <= others.price * {{ 1 + var('substitute_price_tolerance') }}
                then 'substitute'
            else 'similar'
        end as recommendation_type,
        cast(coalesce(
            pairs.pair_count
            / sqrt(cast(pairs.product_count * pairs.other_count as {{ dbt.type_float() }})),
            pairs.content_similarity
        ) as {{ dbt.type_float() }}) as score,
        products.product_name,
        others.product_id as recommended_product_id,
        others.product_name as recommended_product_name,
        others.subcategory
    from pairs
    inner join products on pairs.product_id = products.product_id
    inner join products as others
        on pairs.other_product_id = others.product_id and others.is_available

),

pairs_ranked as (

    select
        *,
        case recommendation_type
            when 'bought_together' then 1 when 'substitute' then 2 else 3
        end as type_place,
        row_number() over (
            partition by product_id, recommendation_type
            order by score desc, recommended_product_id
        ) as type_rank
    from pairs_scored

),

lists as (

    select
        *,
        row_number() over (
            partition by product_id
            order by type_place, type_rank
        ) as recommendation_rank
    from pairs_ranked
    where type_rank <= {{ (var("recommendations_per_product") / 3) | round(0, "ceil") | int }}

),

final as (

    select
        -- identifiers
        product_id,
        cast(recommendation_rank as bigint) as recommendation_rank,
        recommended_product_id,

        -- dimensions
        product_name,
        recommended_product_name,
        recommendation_type,
        case
            when recommendation_type = 'bought_together'
                then
                    'In ' || cast(pair_count as {{ dbt.type_string() }}) || ' of '
                    || cast(product_count as {{ dbt.type_string() }}) || ' baskets with '
                    || product_name
            when recommendation_type = 'substitute' and is_same_subcategory
                then 'Also in ' || subcategory || ', at a similar price'
            when recommendation_type = 'substitute' then 'Described alike, at a similar price'
            when is_same_subcategory then 'Also in ' || subcategory
            else 'Described alike'
        end as reason,

        -- measures
        cast(type_rank as bigint) as type_rank,
        score
    from lists
    where recommendation_rank <= {{ var('recommendations_per_product') }}

)

select * from final
