-- One row per fold x customer x rank: the products a customer most likely buys next, of those that
-- can be recommended and that the customer does not own. score adds up what each purchase, each
-- favoured category and popularity give, tilted by price. source_number names what of the
-- customer's own gave most: a product, 9000000 plus its number for a category, 0 where only
-- popularity speaks.
{{ config(materialized='table') }}
{%- set lengths = [var('recommendations_per_customer')] + var('recommendation_accuracy_ks') %}
{%- set list_length = lengths | max %}
with

customers as (

    select
        customer_number,
        holdout_order_id is not null as is_tested
    from {{ ref('int_recommendation_customers') }}

),

purchases as (

    select
        is_test,
        customer_number,
        product_number,
        category_number,
        price_level,
        is_repeatable,
        weight
    from {{ ref('int_recommendation_purchases') }}

),

products as (

    select
        product_number,
        price_level
    from {{ ref('int_recommendation_products') }}
    where is_available

),

neighbours as (

    select
        is_test,
        product_number,
        other_number,
        probability
    from {{ ref('int_recommendation_neighbours') }}

),

popularity as (

    select
        is_test,
        product_number,
        category_number,
        demand,
        demand_rank,
        category_demand_rank
    from {{ ref('int_recommendation_popularity') }}

),

folds as (

    select
        false as is_test,
        customer_number
    from customers
    union all
    select
        true as is_test,
        customer_number
    from customers
    where is_tested

),

owned_counted as (

    select
        is_test,
        customer_number,
        count(*) as owned
    from purchases
    where not is_repeatable
    group by is_test, customer_number

),

category_weights as (

    select
        is_test,
        customer_number,
        category_number,
        sum(weight) as weight
    from purchases
    group by is_test, customer_number, category_number

),

-- How dear the customer's purchases are: 0 for the middle of the price list, -500 for its cheap
-- end. A few imagined purchases in the middle keep one order from saying too much.
price_levels as (

    select
        is_test,
        customer_number,
        cast(floor(
            1.0 * sum(price_level) / (count(*) + {{ var('recommendation_price_prior_products') }})
        ) as bigint) as price_level
    from purchases
    group by is_test, customer_number

),

contributions as (

    select
        purchases.is_test,
        purchases.customer_number,
        neighbours.other_number as product_number,
        purchases.product_number as source_number,
        purchases.weight * neighbours.probability * 100 as score
    from purchases
    inner join neighbours
        on
            purchases.is_test = neighbours.is_test
            and purchases.product_number = neighbours.product_number
    where purchases.weight > 0
    union all
    select
        category_weights.is_test,
        category_weights.customer_number,
        popularity.product_number,
        9000000 + category_weights.category_number as source_number,
        cast(category_weights.weight as bigint) * popularity.demand
        * {{ (var('recommendation_category_weight') * 100) | round | int }} as score
    from category_weights
    inner join popularity
        on
            category_weights.is_test = popularity.is_test
            and category_weights.category_number = popularity.category_number
            and popularity.category_demand_rank <= {{ list_length }}
    where category_weights.weight > 0
    union all
    -- More than the list is long beyond what the customer owns: the list is always full.
    select
        folds.is_test,
        folds.customer_number,
        popularity.product_number,
        0 as source_number,
        1000 * popularity.demand
        * {{ (var('recommendation_popularity_weight') * 100) | round | int }} as score
    from folds
    left join owned_counted
        on
            folds.is_test = owned_counted.is_test
            and folds.customer_number = owned_counted.customer_number
    inner join popularity
        on
            folds.is_test = popularity.is_test
            and popularity.demand_rank <= {{ 2 * list_length }} + coalesce(owned_counted.owned, 0)
    union all
    -- What the customer owns sinks below zero.
    select
        is_test,
        customer_number,
        product_number,
        0 as source_number,
        -10000000000000 as score
    from purchases
    where not is_repeatable

),

candidates as (

    select
        is_test,
        customer_number,
        product_number,
        cast(sum(score) as bigint) as score,
        max(case when source_number > 0 then score * 10000000 + source_number else 0 end)
            as largest_contribution
    from contributions
    group by is_test, customer_number, product_number

),

-- Whoever buys dear products gets dear ones more, and the other way round.
candidates_priced as (

    select
        candidates.is_test,
        candidates.customer_number,
        candidates.product_number,
        candidates.largest_contribution,
        cast(candidates.score as double precision) * greatest(
            1 + cast(
                coalesce(price_levels.price_level, 0) * products.price_level
                * {{ (var('recommendation_price_weight') * 100) | round | int }} as double precision
            ) / 100000000,
            0.1
        ) as score
    from candidates
    inner join products on candidates.product_number = products.product_number
    left join price_levels
        on
            candidates.is_test = price_levels.is_test
            and candidates.customer_number = price_levels.customer_number
    where candidates.score >= 0

),

candidates_ranked as (

    select
        *,
        row_number() over (
            partition by is_test, customer_number
            order by score desc, product_number
        ) as recommendation_rank
    from candidates_priced

),

final as (

    select
        is_test,
        customer_number,
        recommendation_rank,
        product_number,
        score,
        largest_contribution % 10000000 as source_number
    from candidates_ranked
    where recommendation_rank <= {{ list_length }}

)

select * from final
