-- One row per fold x customer x purchase that may speak for other products, with what their scores
-- depend on. A table of its own, because engines that know little of its size join customers to
-- products by the fold alone.
with

purchases as (

    select
        is_test,
        customer_id,
        product_id,
        weight
    from {{ ref('int_recommendation_purchases') }}
    where weight > 0

),

bars as (

    select
        is_test,
        customer_id,
        favorite_category,
        favorite_weight,
        price_level,
        bar
    from {{ ref('int_recommendation_bars') }}

),

final as (

    select
        purchases.is_test,
        purchases.customer_id,
        purchases.product_id,
        purchases.weight,
        bars.favorite_category,
        bars.favorite_weight,
        bars.price_level,
        bars.bar
    from purchases
    inner join bars
        on
            purchases.is_test = bars.is_test
            and purchases.customer_id = bars.customer_id

)

select * from final
