-- One row per review with at least one word: its polarity by the project's own word list. An
-- opinion word counts with its weight, changed by each negation and intensifier among the var
-- sentiment_reach words before it; a sum s becomes s ÷ (1 + |s|), which stays within −1 and 1.
{{ config(materialized='table') }}
with

words as (

    select
        review_id,
        word,
        word_number
    from {{ ref('int_review_words_split') }}

),

lexicon as (

    select
        word,
        kind,
        weight
    from {{ ref('ref_sentiment_lexicon') }}

),

aspects as (

    select
        word,
        aspect
    from {{ ref('ref_review_aspects') }}

),

words_known as (

    select
        words.review_id,
        words.word_number,
        coalesce(lexicon.kind, 'other') as kind,
        case when lexicon.kind = 'opinion' then lexicon.weight end as opinion,
        case when lexicon.kind in ('negation', 'intensifier') then lexicon.weight end as factor,
        aspects.aspect
    from words
    left join lexicon on words.word = lexicon.word
    left join aspects on words.word = aspects.word

),

words_weighed as (

    select
        review_id,
        aspect,
        opinion
        {%- for distance in range(1, constant('sentiment_reach') + 1) %}
        * coalesce(lag(factor, {{ distance }}) over by_place, 1)
        {%- endfor %} as opinion
    from words_known
    window by_place as (partition by review_id order by word_number)

),

final as (

    select
        review_id,
        cast(count(*) as bigint) as words,
        {{ divide('coalesce(sum(opinion), 0)', '1 + abs(coalesce(sum(opinion), 0))', 6) }}
            as polarity,
        {{ divide('count(opinion)', 'count(*)', 6) }} as subjectivity,
        max(case when aspect = 'delivery' then 1 else 0 end) = 1 as mentions_delivery,
        max(case when aspect = 'quality' then 1 else 0 end) = 1 as mentions_quality,
        max(case when aspect = 'price' then 1 else 0 end) = 1 as mentions_price,
        max(case when aspect = 'service' then 1 else 0 end) = 1 as mentions_service
    from words_weighed
    group by review_id

)

select * from final
