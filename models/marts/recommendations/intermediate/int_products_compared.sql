-- One row per product x product that resemble each other: content_similarity from 0 to 1 is made
-- of the words both have, subcategory, category and price band. The most alike only.
{%- set likeness = recommendation_likeness() %}
with

products as (

    select
        product_id,
        nullif(product_name, product_id) as product_name,
        description,
        nullif(subcategory, 'Unknown') as subcategory
    from {{ ref('dim_products') }}

),

goods as (

    select
        product_id,
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
        words_split.product_id,
        words_split.word
    from words_split
    inner join goods on words_split.product_id = goods.product_id
    where length(words_split.word) > 2

),

words_counted as (

    select
        product_id,
        word,
        count(*) over (partition by word) as products
    from words

),

-- A word on many products says little about any of them.
words_telling as (

    select
        product_id,
        word
    from words_counted
    where products <= {{ recommendation_common_word_products() }}

),

telling_words_counted as (

    select
        product_id,
        count(*) as word_count
    from words_telling
    group by product_id

),

subcategories as (

    select
        goods.product_id,
        goods.category,
        products.subcategory,
        count(*) over (partition by goods.category, products.subcategory) as products
    from goods
    inner join products on goods.product_id = products.product_id
    where products.subcategory is not null

),

-- Two reasons to compare: a telling word in common, or a subcategory that is not half the shop.
candidates as (

    select
        words_telling.product_id,
        others.product_id as other_product_id,
        1 as shared_words,
        0 as same_subcategories
    from words_telling
    inner join words_telling as others
        on
            words_telling.word = others.word
            and words_telling.product_id <> others.product_id
    union all
    select
        subcategories.product_id,
        others.product_id as other_product_id,
        0 as shared_words,
        1 as same_subcategories
    from subcategories
    inner join subcategories as others
        on
            subcategories.category = others.category
            and subcategories.subcategory = others.subcategory
            and subcategories.product_id <> others.product_id
    where subcategories.products <= {{ recommendation_common_word_products() }}

),

candidates_summed as (

    select
        product_id,
        other_product_id,
        sum(shared_words) as shared_words,
        sum(same_subcategories) as same_subcategories
    from candidates
    group by product_id, other_product_id

),

candidates_compared as (

    select
        candidates_summed.product_id,
        candidates_summed.other_product_id,
        candidates_summed.same_subcategories > 0 as is_same_subcategory,
        goods.category = others.category as is_same_category,
        coalesce(goods.price_band = others.price_band, false) as is_same_price_band,
        {{ divide(
            'candidates_summed.shared_words',
            '(coalesce(product_words.word_count, 0) + coalesce(other_words.word_count, 0)'
            ~ ' - candidates_summed.shared_words)',
            6
        ) }} as shared_word_share
    from candidates_summed
    inner join goods on candidates_summed.product_id = goods.product_id
    inner join goods as others
        on candidates_summed.other_product_id = others.product_id and others.is_available
    left join telling_words_counted as product_words
        on candidates_summed.product_id = product_words.product_id
    left join telling_words_counted as other_words
        on candidates_summed.other_product_id = other_words.product_id

),

candidates_scored as (

    select
        *,
        cast(
            {{ likeness.words }} * coalesce(shared_word_share, 0)
            + case when is_same_subcategory then {{ likeness.subcategory }} else 0 end
            + case when is_same_category then {{ likeness.category }} else 0 end
            + case when is_same_price_band then {{ likeness.price_band }} else 0 end
            as numeric(18, 6)
        ) as content_similarity
    from candidates_compared

),

candidates_ranked as (

    select
        *,
        row_number() over (
            partition by product_id
            order by content_similarity desc, other_product_id
        ) as similarity_rank
    from candidates_scored

),

final as (

    select
        product_id,
        other_product_id,
        content_similarity,
        cast(coalesce(shared_word_share, 0) as numeric(18, 6)) as shared_word_share,
        is_same_subcategory,
        is_same_category,
        is_same_price_band
    from candidates_ranked
    where similarity_rank <= {{ recommendation_neighbours() }}

)

select * from final
