-- One row per review and word of its text, in lower case without punctuation and apostrophes.
with

reviews as (

    select
        review_id,
        trim(regexp_replace(
            replace(replace(lower(review_text), '''', ''), chr(8217), ''), '[^a-z]+', ' ', 'g'
        )) as words
    from {{ ref('fct_reviews') }}
    where review_text is not null

),

final as (

    select
        reviews.review_id,
        split.word,
        cast(split.word_number as integer) as word_number
    from reviews
    cross join
        unnest(string_to_array(reviews.words, ' ')) with ordinality as split (word, word_number)
    where split.word <> ''

)

select * from final
