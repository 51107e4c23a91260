-- One row per product x product that resemble each other: content_similarity from 0 to 1 is made
-- of the words both have, subcategory, category and price band. The most alike only.
{{ config(materialized='table') }}
with

products as (

    select
        product_id,
        product_name,
        description,
        subcategory
    from {{ ref('dim_products') }}

),

goods as (

    select
        product_id,
        product_number,
        category,
        price_band,
        is_available
    from {{ ref('int_recommendation_products') }}
    where not is_no_product

),

words_split as (

    select
        product_id,
        {{ words_of("coalesce(product_name, '') || ' ' || coalesce(description, '')") }} as word
    from products

),

words as (

    select distinct
        goods.product_number,
        words_split.word
    from words_split
    inner join goods on words_split.product_id = goods.product_id
    where length(words_split.word) > 2

),

-- A word on many products says little about any of them.
words_telling as (

    select
        product_number,
        word
    from (
        select
            product_number,
            word,
            count(*) over (partition by word) as products
        from words
    ) as words_counted
    where products <= {{ var('recommendation_common_word_products') }}

),

telling_words_counted as (

    select
        product_number,
        count(*) as word_count
    from words_telling
    group by product_number

),

subcategories as (

    select
        goods.product_number,
        goods.is_available,
        goods.category || ' / ' || products.subcategory as subcategory,
        count(*) over (partition by goods.category, products.subcategory) as products
    from goods
    inner join products on goods.product_id = products.product_id
    where products.subcategory is not null

),

-- Two reasons to compare: a telling word in common, or a subcategory that is not half the shop.
candidates as (

    select
        words_telling.product_number,
        others.product_number as other_number,
        1 as shared_words,
        0 as is_same_subcategory
    from words_telling
    inner join words_telling as others
        on
            words_telling.word = others.word
            and words_telling.product_number <> others.product_number
    union all
    select
        subcategories.product_number,
        others.product_number as other_number,
        0 as shared_words,
        1 as is_same_subcategory
    from subcategories
    inner join subcategories as others
        on
            subcategories.subcategory = others.subcategory
            and subcategories.product_number <> others.product_number
    where subcategories.products <= {{ var('recommendation_common_word_products') }}

),

candidates_summed as (

    select
        product_number,
        other_number,
        sum(shared_words) as shared_words,
        max(is_same_subcategory) as is_same_subcategory
    from candidates
    group by product_number, other_number

),

candidates_compared as (

    select
        candidates_summed.product_number,
        candidates_summed.other_number,
        candidates_summed.is_same_subcategory = 1 as is_same_subcategory,
        goods.category = others.category as is_same_category,
        coalesce(goods.price_band = others.price_band, false) as is_same_price_band,
        {{ divide(
            'candidates_summed.shared_words',
            '(coalesce(product_words.word_count, 0) + coalesce(other_words.word_count, 0)'
            ~ ' - candidates_summed.shared_words)',
            6
        ) }} as shared_word_share
    from candidates_summed
    inner join goods on candidates_summed.product_number = goods.product_number
    inner join goods as others
        on candidates_summed.other_number = others.product_number and others.is_available
    left join telling_words_counted as product_words
        on candidates_summed.product_number = product_words.product_number
    left join telling_words_counted as other_words
        on candidates_summed.other_number = other_words.product_number

),

candidates_scored as (

    select
        *,
        cast(
            0.4 * coalesce(shared_word_share, 0)
            + case when is_same_subcategory then 0.3 else 0 end
            + case when is_same_category then 0.1 else 0 end
            + case when is_same_price_band then 0.2 else 0 end
            as numeric(18, 6)
        ) as content_similarity
    from candidates_compared

),

candidates_ranked as (

    select
        *,
        row_number() over (
            partition by product_number
            order by content_similarity desc, other_number
        ) as similarity_rank
    from candidates_scored

),

final as (

    select
        product_number,
        other_number,
        content_similarity,
        cast(coalesce(shared_word_share, 0) as numeric(18, 6)) as shared_word_share,
        is_same_subcategory,
        is_same_category,
        is_same_price_band
    from candidates_ranked
    where similarity_rank <= {{ var('recommendation_neighbours') }}

)

select * from final
