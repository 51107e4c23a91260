-- One row per fold x product that can be recommended: how many customers bought it, as a share in
-- millionths, and its place among all such products and among those of its category.
{{ config(materialized='table') }}
with

purchases as (

    select
        is_test,
        is_tested,
        customer_number,
        product_number
    from {{ ref('int_recommendation_purchases') }}

),

products as (

    select
        product_number,
        category_number
    from {{ ref('int_recommendation_products') }}
    where is_available

),

folds as (

    select false as is_test
    union all
    select true as is_test

),

buyers_counted as (

    select
        product_number,
        count(case when not is_test then 1 end) as live_buyers,
        count(case when is_test or not is_tested then 1 end) as test_buyers
    from purchases
    group by product_number

),

customers_counted as (

    select count(distinct customer_number) as customers
    from purchases

),

popularity as (

    select
        folds.is_test,
        products.product_number,
        products.category_number,
        coalesce(
            case when folds.is_test then buyers_counted.test_buyers else buyers_counted.live_buyers end,
            0
        ) as buyers
    from products
    cross join folds
    left join buyers_counted on products.product_number = buyers_counted.product_number

),

final as (

    select
        popularity.is_test,
        popularity.product_number,
        popularity.category_number,
        cast(popularity.buyers as bigint) as buyers,
        cast(coalesce(
            floor(1000000.0 * popularity.buyers / nullif(customers_counted.customers, 0)), 0
        ) as bigint) as buyer_share,
        row_number() over (
            partition by popularity.is_test
            order by popularity.buyers desc, popularity.product_number
        ) as popularity_rank,
        row_number() over (
            partition by popularity.is_test, popularity.category_number
            order by popularity.buyers desc, popularity.product_number
        ) as category_popularity_rank
    from popularity
    cross join customers_counted

)

select * from final
