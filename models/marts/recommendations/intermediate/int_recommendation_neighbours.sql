-- One row per fold x product x product that its buyers also buy, those that gain most.
-- extra_demand, in millionths, is how much likelier a customer buys the other for having bought
-- the first: the other's demand times what its share among the buyers of the first exceeds its
-- share among all customers by, as a part of the latter. Joint buyers that chance explains do not
-- count, and where few bought the first, resemblance speaks in their place.
with

purchases as (

    select
        is_test,
        counts_in_test,
        product_id
    from {{ ref('int_recommendation_purchases') }}
    where weight > 0

),

popularity as (

    select
        is_test,
        product_id,
        category,
        price_level,
        demand
    from {{ ref('int_recommendation_popularity') }}

),

pairs_counted as (

    select
        product_id,
        other_product_id,
        live_buyers,
        test_buyers
    from {{ ref('int_recommendation_pairs_counted') }}

),

lookalikes as (

    select
        product_id,
        other_product_id,
        content_similarity
    from {{ ref('int_products_compared') }}

),

folds as (

    select
        is_test,
        chance_customers
    from {{ ref('int_recommendation_folds') }}

),

buyers_counted as (

    select
        product_id,
        count(case when not is_test then 1 end) as live_buyers,
        count(case when counts_in_test then 1 end) as test_buyers
    from purchases
    group by product_id

),

pairs_both_ways as (

    select
        product_id,
        other_product_id,
        live_buyers,
        test_buyers,
        0 as content_similarity
    from pairs_counted
    union all
    select
        other_product_id as product_id,
        product_id as other_product_id,
        live_buyers,
        test_buyers,
        0 as content_similarity
    from pairs_counted
    union all
    select
        product_id,
        other_product_id,
        0 as live_buyers,
        0 as test_buyers,
        content_similarity
    from lookalikes

),

pairs as (

    select
        product_id,
        other_product_id,
        sum(live_buyers) as live_buyers,
        sum(test_buyers) as test_buyers,
        max(content_similarity) as content_similarity
    from pairs_both_ways
    group by product_id, other_product_id

),

pairs_of_folds as (

    select
        popularity.is_test,
        pairs.product_id,
        pairs.other_product_id,
        popularity.category,
        popularity.price_level,
        popularity.demand,
        folds.chance_customers,
        cast(pairs.content_similarity as {{ dbt.type_float() }}) as content_similarity,
        cast(
            case when popularity.is_test then pairs.test_buyers else pairs.live_buyers end
            as {{ dbt.type_float() }}
        ) as joint_buyers,
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
        ) as other_buyers
    from pairs
    inner join buyers_counted on pairs.product_id = buyers_counted.product_id
    inner join popularity on pairs.other_product_id = popularity.product_id
    inner join folds on popularity.is_test = folds.is_test
    left join buyers_counted as others_counted
        on pairs.other_product_id = others_counted.product_id

),

-- Buyers of both beyond those expected by chance and beyond what chance may add to them.
pairs_exceeding as (

    select
        *,
        greatest(
            joint_buyers
            - {{ recommendation_chance_errors() }} * sqrt(joint_buyers)
            - buyers * other_buyers / nullif(chance_customers, 0),
            0
        ) as excess_buyers
    from pairs_of_folds

),

pairs_estimated as (

    select
        is_test,
        product_id,
        other_product_id,
        category,
        price_level,
        demand,
        cast(floor(least(
            demand * (
                coalesce(excess_buyers * chance_customers / nullif(other_buyers, 0), 0)
                + {{ recommendation_prior_customers() }}
                * {{ recommendation_content_weight() }} * content_similarity
            ) / (buyers + {{ recommendation_prior_customers() }}),
            1000000
        )) as bigint) as extra_demand
    from pairs_exceeding

),

pairs_ranked as (

    select
        *,
        row_number() over (
            partition by is_test, product_id
            order by extra_demand desc, other_product_id
        ) as neighbour_rank
    from pairs_estimated

),

final as (

    select
        -- identifiers
        is_test,
        product_id,
        other_product_id,

        -- measures
        extra_demand,
        max(extra_demand) over (partition by is_test, other_product_id) as most_extra_demand,

        -- of the other product
        category,
        price_level,
        demand
    from pairs_ranked
    where neighbour_rank <= {{ recommendation_neighbours() }} and extra_demand > 0

)

select * from final
