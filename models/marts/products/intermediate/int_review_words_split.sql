-- One row per review and word of its text, in lower case without punctuation and apostrophes.
with

reviews as (

    select
        review_id,
        trim({{ replace_matches(
            "replace(replace(lower(review_text), '''', ''), chr(8217), '')", '[^a-z]+', ' '
        ) }}) as words
    from {{ ref('fct_reviews') }}
    where review_text is not null

),

final as (

    select
        reviews.review_id,
        split.word,
        cast(split.word_number as integer) as word_number
    from reviews
    cross join {{ words_in_order('reviews.words', 'split') }}
    where split.word <> ''

)

select * from final
