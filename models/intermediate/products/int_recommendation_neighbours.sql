-- One row per fold x product x product that its buyers also buy: the var recommendation_neighbours
-- likeliest. probability in millionths is that of buying the other, given the first; where few
-- bought both, it leans on how popular the other is and how much the two resemble each other.
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

pairs_of_folds as (

    select
        popularity.is_test,
        pairs.product_number,
        pairs.other_number,
        case when popularity.is_test then pairs.test_buyers else pairs.live_buyers end
            as pair_buyers,
        case
            when popularity.is_test then buyers_counted.test_buyers
            else buyers_counted.live_buyers
        end as buyers,
        popularity.demand,
        coalesce(content.content_similarity, 0) as content_similarity
    from pairs
    inner join buyers_counted on pairs.product_number = buyers_counted.product_number
    inner join popularity on pairs.other_number = popularity.product_number
    left join content
        on
            pairs.product_number = content.product_number
            and pairs.other_number = content.other_number

),

pairs_estimated as (

    select
        is_test,
        product_number,
        other_number,
        cast(floor(
            (
                1000000.0 * pair_buyers
                + {{ var('recommendation_prior_customers') }} * demand
                * (1 + {{ var('recommendation_content_weight') }} * content_similarity)
            ) / (buyers + {{ var('recommendation_prior_customers') }})
        ) as bigint) as probability
    from pairs_of_folds

),

pairs_ranked as (

    select
        *,
        row_number() over (
            partition by is_test, product_number
            order by probability desc, other_number
        ) as neighbour_rank
    from pairs_estimated

),

final as (

    select
        is_test,
        product_number,
        other_number,
        probability
    from pairs_ranked
    where neighbour_rank <= {{ var('recommendation_neighbours') }} and probability > 0

)

select * from final
