-- One row per fold: how dear a usual purchase is, and how many customers would by chance join as
-- many products as all customers do. Customers who buy much join any two products; what all pairs
-- have beyond chance says nothing of one.
with

purchases as (

    select
        is_test,
        counts_in_test,
        customer_id,
        product_id,
        price_level,
        weight
    from {{ ref('int_recommendation_purchases') }}

),

pairs as (

    select
        live_buyers,
        test_buyers
    from {{ ref('int_recommendation_pairs_counted') }}

),

usual_price_levels as (

    select
        is_test,
        cast(floor(1.0 * sum(price_level) / count(*)) as integer) as price_level
    from purchases
    group by is_test

),

buyers_counted as (

    select
        product_id,
        count(case when not is_test then 1 end) as live_buyers,
        count(case when counts_in_test then 1 end) as test_buyers
    from purchases
    where weight > 0
    group by product_id

),

customers_counted as (

    select
        count(distinct case when not is_test then customer_id end) as live_customers,
        count(distinct case when counts_in_test then customer_id end) as test_customers
    from purchases

),

pairs_summed as (

    select
        sum(live_buyers) as live_joint_buyers,
        sum(test_buyers) as test_joint_buyers
    from pairs

),

buyers_summed as (

    select
        sum(live_buyers) * sum(live_buyers) - sum(live_buyers * live_buyers) as live_pairs,
        sum(test_buyers) * sum(test_buyers) - sum(test_buyers * test_buyers) as test_pairs
    from buyers_counted

),

folds as (

    select
        false as is_test,
        customers_counted.live_customers as customers,
        buyers_summed.live_pairs as pairs,
        pairs_summed.live_joint_buyers as joint_buyers
    from customers_counted
    cross join buyers_summed
    cross join pairs_summed
    union all
    select
        true as is_test,
        customers_counted.test_customers as customers,
        buyers_summed.test_pairs as pairs,
        pairs_summed.test_joint_buyers as joint_buyers
    from customers_counted
    cross join buyers_summed
    cross join pairs_summed

),

final as (

    select
        folds.is_test,
        coalesce(usual_price_levels.price_level, 0) as usual_price_level,
        least(
            cast(folds.customers as double precision),
            cast(folds.pairs as double precision) / nullif(2 * folds.joint_buyers, 0)
        ) as chance_customers
    from folds
    left join usual_price_levels on folds.is_test = usual_price_levels.is_test

)

select * from final
