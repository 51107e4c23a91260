-- One row per product with reviews, per category and for the whole shop: the reviews of
-- review_sentiment added up.
{%- set aspects = ['delivery', 'quality', 'price', 'service'] %}
{%- set levels = {
    'shop': [],
    'category': ['category'],
    'product': ['category', 'product_id'],
} %}
with

reviews as (

    select
        review_id,
        product_id,
        sentiment,
        rating,
        polarity,
        lexicon_polarity,
        {%- for aspect in aspects %}
        mentions_{{ aspect }},
        {%- endfor %}
        is_mismatch
    from {{ ref('review_sentiment') }}

),

products as (

    select
        product_id,
        category
    from {{ ref('dim_products') }}

),

reviews_of_products as (

    select
        reviews.*,
        coalesce(products.category, 'Unknown') as category
    from reviews
    left join products on reviews.product_id = products.product_id

),

levels as (

    {%- for level, columns in levels.items() %}
    select
        '{{ level }}' as level,
        {{ 'category' if 'category' in columns else "'All'" }} as category,
        {{ 'product_id' if 'product_id' in columns else "'All'" }} as product_id,
        count(*) as reviews,
        count(rating) as ratings,
        count(polarity) as texts,
        sum(rating) as stars,
        {{ exact_avg('polarity') }} as avg_polarity,
        {{ exact_avg('lexicon_polarity') }} as avg_lexicon_polarity,
        {%- for sentiment in ['positive', 'neutral', 'negative'] %}
        sum(case when sentiment = '{{ sentiment }}' then 1 else 0 end)
            as {{ sentiment }}_reviews,
        {%- endfor %}
        {%- for aspect in aspects %}
        sum(case when mentions_{{ aspect }} then 1 else 0 end) as {{ aspect }}_reviews,
        sum(case when mentions_{{ aspect }} and sentiment = 'negative' then 1 else 0 end)
            as negative_{{ aspect }}_reviews,
        {%- endfor %}
        sum(case when is_mismatch then 1 else 0 end) as mismatches
    from reviews_of_products
    {{ 'group by ' ~ columns | join(', ') if columns else 'having count(*) > 0' }}
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        level,
        category,
        product_id,
        cast(reviews as bigint) as reviews,
        cast(ratings as bigint) as ratings,
        cast(texts as bigint) as texts,
        {{ divide('stars', 'ratings', 6) }} as avg_rating,
        cast(avg_polarity as {{ dbt.type_float() }}) as avg_polarity,
        cast(avg_lexicon_polarity as {{ dbt.type_float() }}) as avg_lexicon_polarity,
        cast(positive_reviews as bigint) as positive_reviews,
        cast(neutral_reviews as bigint) as neutral_reviews,
        cast(negative_reviews as bigint) as negative_reviews,
        cast(mismatches as bigint) as mismatches,
        {%- for aspect in aspects %}
        cast({{ aspect }}_reviews as bigint) as {{ aspect }}_reviews,
        cast(negative_{{ aspect }}_reviews as bigint) as negative_{{ aspect }}_reviews
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from levels

)

select * from final
