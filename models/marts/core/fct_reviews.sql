-- One row per product review written by the as-of date; a review without a date is kept.
with

reviews as (

    select
        review_id,
        product_id,
        customer_id,
        order_id,
        review_text,
        rating,
        reviewed_at
    from {{ ref('stg_reviews') }}

),

clock as (

    select as_of_date
    from {{ ref('dim_clock') }}

),

final as (

    select
        reviews.review_id,
        reviews.product_id,
        reviews.customer_id,
        reviews.order_id,
        reviews.review_text,
        reviews.rating,
        cast(reviews.reviewed_at as date) as review_date,
        reviews.reviewed_at
    from reviews
    cross join clock
    where
        reviews.reviewed_at is null
        or cast(reviews.reviewed_at as date) <= clock.as_of_date

)

select * from final
