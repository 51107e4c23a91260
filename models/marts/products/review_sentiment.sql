-- One row per product review: how its text feels, what it speaks of, and whether it contradicts its
-- stars. On DuckDB a library scores the text, elsewhere the project's own word list, whose score
-- stands beside it everywhere.
with

reviews as (

    select
        review_id,
        product_id,
        customer_id,
        order_id,
        review_text,
        rating,
        review_date
    from {{ ref('fct_reviews') }}

),

words_scored as (

    select
        review_id,
        words,
        polarity,
        subjectivity,
        mentions_delivery,
        mentions_quality,
        mentions_price,
        mentions_service
    from {{ ref('int_review_words_scored') }}

),

polarities as (

    select
        review_id,
        cast(polarity as {{ dbt.type_float() }}) as polarity,
        cast(subjectivity as {{ dbt.type_float() }}) as subjectivity
    from {{ python_or_sql('review_polarities', 'int_review_words_scored') }}

),

reviews_scored as (

    select
        reviews.*,
        coalesce(words_scored.words, 0) as words,
        polarities.polarity,
        polarities.subjectivity,
        words_scored.polarity as lexicon_polarity,
        coalesce(words_scored.mentions_delivery, false) as mentions_delivery,
        coalesce(words_scored.mentions_quality, false) as mentions_quality,
        coalesce(words_scored.mentions_price, false) as mentions_price,
        coalesce(words_scored.mentions_service, false) as mentions_service
    from reviews
    left join words_scored on reviews.review_id = words_scored.review_id
    left join polarities on reviews.review_id = polarities.review_id

),

final as (

    select
        -- identifiers
        review_id,
        product_id,
        customer_id,
        order_id,

        -- dimensions
        review_text,
        {%- for column in ['polarity', 'lexicon_polarity'] %}
        case
            when {{ column }} >= {{ constant('sentiment_threshold') }} then 'positive'
            when {{ column }} <= -{{ constant('sentiment_threshold') }} then 'negative'
            when {{ column }} is not null then 'neutral'
        end as {{ 'sentiment' if loop.first else 'lexicon_sentiment' }},
        {%- endfor %}

        -- measures
        rating,
        cast(words as bigint) as words,
        polarity,
        subjectivity,
        lexicon_polarity,

        -- metadata
        coalesce(
            (rating >= 4 and polarity <= -{{ constant('mismatch_threshold') }})
            or (rating <= 2 and polarity >= {{ constant('mismatch_threshold') }}),
            false
        ) as is_mismatch,
        mentions_delivery,
        mentions_quality,
        mentions_price,
        mentions_service,
        review_date
    from reviews_scored

)

select * from final
