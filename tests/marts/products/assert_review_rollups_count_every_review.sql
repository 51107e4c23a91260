-- Every level of the review roll-ups counts every review, star and text of review_sentiment once.
with

reviews as (

    select
        count(*) as reviews,
        count(rating) as ratings,
        count(sentiment) as texts,
        coalesce(sum(case when is_mismatch then 1 else 0 end), 0) as mismatches
    from {{ ref('review_sentiment') }}

),

rollups as (

    select
        level,
        sum(reviews) as reviews,
        sum(ratings) as ratings,
        sum(positive_reviews + neutral_reviews + negative_reviews) as texts,
        sum(mismatches) as mismatches
    from {{ ref('review_sentiment_rollups') }}
    group by level

)

select
    rollups.*,
    reviews.reviews as expected
from rollups
cross join reviews
where
    rollups.reviews <> reviews.reviews
    or rollups.ratings <> reviews.ratings
    or rollups.texts <> reviews.texts
    or rollups.mismatches <> reviews.mismatches
