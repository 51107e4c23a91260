-- One row per pair of products, the one with the lower key first, that customers bought both: how
-- many did, in the live fold and in the test fold. A single one is left out.
with

purchases as (

    select
        is_test,
        counts_in_test,
        customer_id,
        product_id
    from {{ ref('int_recommendation_purchases') }}
    where weight > 0

),

final as (

    select
        first_purchases.product_id,
        second_purchases.product_id as other_product_id,
        count(case when not first_purchases.is_test then 1 end) as live_buyers,
        count(case when first_purchases.counts_in_test then 1 end) as test_buyers
    from purchases as first_purchases
    inner join purchases as second_purchases
        on
            first_purchases.customer_id = second_purchases.customer_id
            and first_purchases.is_test = second_purchases.is_test
            and first_purchases.product_id < second_purchases.product_id
    group by first_purchases.product_id, second_purchases.product_id
    having count(*) > 1

)

select * from final
