-- One row per fold x product that can be recommended: how many customers bought it, and demand:
-- its share of customers in millionths, recent buyers weighing more. price_level is how much
-- dearer than a usual purchase it is, in places of a price list of 1,000.
with

purchases as (

    select
        is_test,
        counts_in_test,
        customer_id,
        product_id,
        last_order_date
    from {{ ref('int_recommendation_purchases') }}

),

folds as (

    select
        is_test,
        usual_price_level
    from {{ ref('int_recommendation_folds') }}

),

clock as (

    select as_of_date
    from {{ ref('dim_clock') }}

),

products as (

    select
        product_id,
        category,
        price_level
    from {{ ref('int_recommendation_products') }}
    where is_available

),

-- A buyer var recommendation_demand_half_days ago weighs half as much as one of today.
purchases_weighted as (

    select
        purchases.is_test,
        purchases.counts_in_test,
        purchases.customer_id,
        purchases.product_id,
        cast(floor(1000.0 * {{ var('recommendation_demand_half_days') }} / (
            {{ var('recommendation_demand_half_days') }}
            + {{ dbt.datediff('purchases.last_order_date', 'clock.as_of_date', 'day') }}
        )) as bigint) as weight
    from purchases
    cross join clock

),

buyers_counted as (

    select
        product_id,
        count(case when not is_test then 1 end) as live_buyers,
        count(case when counts_in_test then 1 end) as test_buyers,
        sum(case when not is_test then weight end) as live_weight,
        sum(case when counts_in_test then weight end) as test_weight
    from purchases_weighted
    group by product_id

),

customers_weighted as (

    select
        is_test,
        counts_in_test,
        customer_id,
        max(weight) as weight
    from purchases_weighted
    group by is_test, counts_in_test, customer_id

),

customers_counted as (

    select
        sum(case when not is_test then weight end) as live_weight,
        sum(case when counts_in_test then weight end) as test_weight
    from customers_weighted

),

popularity as (

    select
        folds.is_test,
        products.product_id,
        products.category,
        products.price_level - folds.usual_price_level as price_level,
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
    left join buyers_counted on products.product_id = buyers_counted.product_id

),

final as (

    select
        is_test,
        product_id,
        category,
        price_level,
        cast(coalesce(buyers, 0) as bigint) as buyers,
        cast(coalesce(
            floor(1000000.0 * weight / nullif(weight_of_customers, 0)), 0
        ) as bigint) as demand,
        row_number() over (
            partition by is_test
            order by coalesce(buyers, 0) desc, product_id
        ) as popularity_rank,
        row_number() over (
            partition by is_test, category
            order by coalesce(buyers, 0) desc, product_id
        ) as category_popularity_rank,
        row_number() over (
            partition by is_test
            order by coalesce(weight, 0) desc, product_id
        ) as demand_rank,
        row_number() over (
            partition by is_test, category
            order by coalesce(weight, 0) desc, product_id
        ) as category_demand_rank
    from popularity

)

select * from final
