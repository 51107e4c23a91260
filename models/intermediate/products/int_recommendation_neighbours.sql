-- One row per fold x product x product that its buyers also buy: the var recommendation_neighbours
-- that gain most. extra_demand, in millionths, is how much likelier a customer buys the other for
-- having bought the first: the other's demand times what its share among the buyers of the first
-- exceeds its share among all customers by, as a part of the latter. Joint buyers that chance
-- explains do not count, and where few bought the first, resemblance speaks in their place.
{{ config(materialized='table') }}
with

purchases as (

    select
        is_test,
        is_tested,
        customer_number,
        product_number
    from {{ ref('int_recommendation_purchases') }}
    where weight > 0

),

popularity as (

    select
        is_test,
        product_number,
        demand
    from {{ ref('int_recommendation_popularity') }}

),

content as (

    select
        product_number,
        other_number,
        content_similarity
    from {{ ref('int_products_compared') }}

),

buyers_counted as (

    select
        product_number,
        count(case when not is_test then 1 end) as live_buyers,
        count(case when is_test or not is_tested then 1 end) as test_buyers
    from purchases
    group by product_number

),

pairs_counted as (

    select
        first_purchases.product_number,
        second_purchases.product_number as other_number,
        count(case when not first_purchases.is_test then 1 end) as live_buyers,
        count(
            case when first_purchases.is_test or not first_purchases.is_tested then 1 end
        ) as test_buyers
    from purchases as first_purchases
    inner join purchases as second_purchases
        on
            first_purchases.customer_number = second_purchases.customer_number
            and first_purchases.is_test = second_purchases.is_test
            and first_purchases.product_number < second_purchases.product_number
    group by first_purchases.product_number, second_purchases.product_number
    having count(*) > 1

),

pairs_both_ways as (

    select
        product_number,
        other_number,
        live_buyers,
        test_buyers
    from pairs_counted
    union all
    select
        other_number as product_number,
        product_number as other_number,
        live_buyers,
        test_buyers
    from pairs_counted
    union all
    select
        product_number,
        other_number,
        0 as live_buyers,
        0 as test_buyers
    from content

),

pairs as (

    select
        product_number,
        other_number,
        sum(live_buyers) as live_buyers,
        sum(test_buyers) as test_buyers
    from pairs_both_ways
    group by product_number, other_number

),

customers_counted as (

    select
        count(distinct case when not is_test then customer_number end) as live_customers,
        count(distinct case when is_test or not is_tested then customer_number end)
            as test_customers
    from purchases

),

pairs_summed as (

    select
        sum(live_buyers) as live_buyers,
        sum(test_buyers) as test_buyers
    from pairs_counted

),

buyers_summed as (

    select
        sum(live_buyers) * sum(live_buyers) - sum(live_buyers * live_buyers) as live_pairs,
        sum(test_buyers) * sum(test_buyers) - sum(test_buyers * test_buyers) as test_pairs
    from buyers_counted

),

-- Customers who buy much join any two products: what all pairs have beyond chance says nothing of
-- one. chance_customers is how many customers would by chance join as many.
chance as (

    select
        least(
            cast(customers_counted.live_customers as {{ dbt.type_float() }}),
            cast(buyers_summed.live_pairs as {{ dbt.type_float() }})
            / nullif(2 * pairs_summed.live_buyers, 0)
        ) as live_customers,
        least(
            cast(customers_counted.test_customers as {{ dbt.type_float() }}),
            cast(buyers_summed.test_pairs as {{ dbt.type_float() }})
            / nullif(2 * pairs_summed.test_buyers, 0)
        ) as test_customers
    from customers_counted
    cross join buyers_summed
    cross join pairs_summed

),

pairs_of_folds as (

    select
        popularity.is_test,
        pairs.product_number,
        pairs.other_number,
        popularity.demand,
        cast(coalesce(content.content_similarity, 0) as {{ dbt.type_float() }})
            as content_similarity,
        cast(
            case when popularity.is_test then pairs.test_buyers else pairs.live_buyers end
            as {{ dbt.type_float() }}
        ) as pair_buyers,
        cast(
            case
                when popularity.is_test then buyers_counted.test_buyers
                else buyers_counted.live_buyers
            end as {{ dbt.type_float() }}
        ) as buyers,
        cast(
            case
                when popularity.is_test then others_counted.test_buyers
                else others_counted.live_buyers
            end as {{ dbt.type_float() }}
        ) as other_buyers,
        cast(
            case
                when popularity.is_test then chance.test_customers
                else chance.live_customers
            end as {{ dbt.type_float() }}
        ) as chance_customers
    from pairs
    cross join chance
    inner join buyers_counted on pairs.product_number = buyers_counted.product_number
    inner join popularity on pairs.other_number = popularity.product_number
    left join buyers_counted as others_counted
        on pairs.other_number = others_counted.product_number
    left join content
        on
            pairs.product_number = content.product_number
            and pairs.other_number = content.other_number

),

-- Buyers of both beyond those expected by chance and beyond what chance may add to them.
pairs_exceeding as (

    select
        *,
        greatest(
            pair_buyers
            - {{ var('recommendation_chance_errors') }} * sqrt(pair_buyers)
            - buyers * other_buyers / nullif(chance_customers, 0),
            0
        ) as excess_buyers
    from pairs_of_folds

),

pairs_estimated as (

    select
        is_test,
        product_number,
        other_number,
        cast(floor(least(
            demand * (
                coalesce(excess_buyers * chance_customers / nullif(other_buyers, 0), 0)
                + {{ var('recommendation_prior_customers') }}
                * {{ var('recommendation_content_weight') }} * content_similarity
            ) / (buyers + {{ var('recommendation_prior_customers') }}),
            1000000
        )) as bigint) as extra_demand
    from pairs_exceeding

),

pairs_ranked as (

    select
        *,
        row_number() over (
            partition by is_test, product_number
            order by extra_demand desc, other_number
        ) as neighbour_rank
    from pairs_estimated

),

final as (

    select
        is_test,
        product_number,
        other_number,
        extra_demand
    from pairs_ranked
    where neighbour_rank <= {{ var('recommendation_neighbours') }} and extra_demand > 0

)

select * from final
