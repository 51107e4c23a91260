-- One row per fold x product that can be recommended: how many customers bought it, with its
-- places by that, and demand: its share of customers in millionths, recent buyers weighing more.
{{ config(materialized='table') }}
with

purchases as (

    select
        is_test,
        is_tested,
        customer_number,
        product_number,
        last_order_date
    from {{ ref('int_recommendation_purchases') }}

),

clock as (

    select as_of_date
    from {{ ref('dim_clock') }}

),

-- A buyer var recommendation_demand_half_days ago weighs half as much as one of today.
purchases_weighted as (

    select
        purchases.product_number,
        not purchases.is_test as is_live,
        purchases.is_test or not purchases.is_tested as is_in_test,
        purchases.customer_number,
        cast(floor(1000.0 * {{ var('recommendation_demand_half_days') }} / (
            {{ var('recommendation_demand_half_days') }}
            + {{ dbt.datediff('purchases.last_order_date', 'clock.as_of_date', 'day') }}
        )) as bigint) as weight
    from purchases
    cross join clock

),

products as (

    select
        product_number,
        category_number,
        price_level
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
        count(case when is_live then 1 end) as live_buyers,
        count(case when is_in_test then 1 end) as test_buyers,
        sum(case when is_live then weight end) as live_weight,
        sum(case when is_in_test then weight end) as test_weight
    from purchases_weighted
    group by product_number

),

customers_counted as (

    select
        sum(case when is_live then weight end) as live_weight,
        sum(case when is_in_test then weight end) as test_weight
    from (
        select
            is_live,
            is_in_test,
            customer_number,
            max(weight) as weight
        from purchases_weighted
        group by is_live, is_in_test, customer_number
    ) as customers

),

popularity as (

    select
        folds.is_test,
        products.product_number,
        products.category_number,
        products.price_level,
        case when folds.is_test then buyers_counted.test_buyers else buyers_counted.live_buyers end
            as buyers,
        case when folds.is_test then buyers_counted.test_weight else buyers_counted.live_weight end
            as weight,
        case
            when folds.is_test then customers_counted.test_weight
            else customers_counted.live_weight
        end as weight_of_customers
    from products
    cross join folds
    cross join customers_counted
    left join buyers_counted on products.product_number = buyers_counted.product_number

),

final as (

    select
        is_test,
        product_number,
        category_number,
        price_level,
        cast(coalesce(buyers, 0) as bigint) as buyers,
        cast(coalesce(
            floor(1000000.0 * weight / nullif(weight_of_customers, 0)), 0
        ) as bigint) as demand,
        row_number() over (
            partition by is_test
            order by coalesce(buyers, 0) desc, product_number
        ) as popularity_rank,
        row_number() over (
            partition by is_test, category_number
            order by coalesce(buyers, 0) desc, product_number
        ) as category_popularity_rank,
        row_number() over (
            partition by is_test
            order by coalesce(weight, 0) desc, product_number
        ) as demand_rank,
        row_number() over (
            partition by is_test, category_number
            order by coalesce(weight, 0) desc, product_number
        ) as category_demand_rank
    from popularity

)

select * from final
