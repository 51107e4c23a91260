-- One row per product x rank: what to show beside a product. First what is bought together with
-- it, then substitutes, then similar products; every pair once, under the first kind that fits.
with

products_numbered as (

    select
        product_id,
        product_number,
        is_no_product,
        is_available
    from {{ ref('int_recommendation_products') }}

),

products_named as (

    select
        product_id,
        product_name,
        subcategory,
        price
    from {{ ref('dim_products') }}

),

bought_together as (

    select
        product_number,
        other_number,
        pair_count,
        product_count,
        other_count,
        basket_count
    from {{ ref('int_products_bought_together') }}

),

alike as (

    select
        product_number,
        other_number,
        content_similarity,
        shared_word_share,
        is_same_subcategory,
        is_same_category,
        is_same_price_band
    from {{ ref('int_products_compared') }}

),

products as (

    select
        products_numbered.product_number,
        products_numbered.product_id,
        products_named.product_name,
        products_named.subcategory,
        products_named.price,
        products_numbered.is_available
    from products_numbered
    inner join products_named on products_numbered.product_id = products_named.product_id
    where not products_numbered.is_no_product

),

pairs as (

    select
        coalesce(bought_together.product_number, alike.product_number) as product_number,
        coalesce(bought_together.other_number, alike.other_number) as other_number,
        bought_together.pair_count,
        bought_together.product_count,
        bought_together.other_count,
        alike.content_similarity,
        alike.shared_word_share,
        alike.is_same_subcategory,
        alike.is_same_category,
        alike.is_same_price_band
    from bought_together
    full outer join alike
        on
            bought_together.product_number = alike.product_number
            and bought_together.other_number = alike.other_number

),

-- Cosine of the two products' baskets; alikeness of the two products' descriptions.
pairs_scored as (

    select
        pairs.product_number,
        pairs.other_number,
        pairs.pair_count,
        pairs.product_count,
        pairs.shared_word_share,
        coalesce(pairs.is_same_subcategory, false) as is_same_subcategory,
        coalesce(pairs.is_same_category, false) as is_same_category,
        coalesce(pairs.is_same_price_band, false) as is_same_price_band,
        case
            when pairs.pair_count is not null then 1
            when
                (pairs.is_same_subcategory or pairs.shared_word_share >= 0.5)
                and others.price <= products.price * {{ 1 + var('substitute_price_tolerance') }}
                and products.price <= others.price * {{ 1 + var('substitute_price_tolerance') }}
                then 2
            else 3
        end as kind,
        cast(coalesce(
            pairs.pair_count
            / sqrt(cast(pairs.product_count * pairs.other_count as {{ dbt.type_float() }})),
            pairs.content_similarity
        ) as {{ dbt.type_float() }}) as score,
        products.product_id,
        products.product_name,
        products.price,
        others.product_id as recommended_product_id,
        others.product_name as recommended_product_name,
        others.subcategory,
        others.price as recommended_price
    from pairs
    inner join products on pairs.product_number = products.product_number
    inner join products as others
        on pairs.other_number = others.product_number and others.is_available

),

pairs_ranked as (

    select
        *,
        row_number() over (
            partition by product_number, kind
            order by score desc, recommended_product_id
        ) as type_rank
    from pairs_scored

),

lists as (

    select
        *,
        row_number() over (
            partition by product_number
            order by kind, type_rank
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
        case kind
            when 1 then 'bought_together' when 2 then 'substitute' else 'similar'
        end as recommendation_type,
        case
            when kind = 1
                then
                    'In ' || cast(pair_count as {{ dbt.type_string() }}) || ' of '
                    || cast(product_count as {{ dbt.type_string() }}) || ' baskets with '
                    || product_name
            when kind = 2 and is_same_subcategory
                then 'Also in ' || subcategory || ', at a similar price'
            when kind = 2 then 'Described alike, at a similar price'
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
