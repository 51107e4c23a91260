-- One row per product review.
with

final as (

    select
        review_id,
        product_id,
        customer_id,
        order_id,
        review_text,
        rating,
        invalid_columns,
        reviewed_at
    from {{ ref('base_reviews') }}
    where rejection_reason is null

)

select * from final
