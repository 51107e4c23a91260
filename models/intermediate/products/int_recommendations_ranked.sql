-- One row per fold x customer x rank: the products a customer most likely buys next, of those that
-- can be recommended and that the customer does not own. score is demand for the product, more of
-- it in the favourite category, plus what each purchase adds, tilted by price.
-- source_number names what of the customer's own gave most: a product, 9000000 plus its number for
-- a category, 0 where only demand speaks.
{{ config(materialized='table') }}
{%- set lengths = [var('recommendations_per_customer')] + var('recommendation_accuracy_ks') %}
{%- set list_length = lengths | max %}
{%- set slices = var('recommendation_slices') %}
{%- set category_weight = (var('recommendation_category_weight') * 100) | round | int %}
{%- set popularity_weight = (var('recommendation_popularity_weight') * 100) | round | int %}
{%- set price_weight = (var('recommendation_price_weight') * 100) | round | int %}
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

neighbours as (

    select
        is_test,
        product_number,
        other_number,
        extra_demand
    from {{ ref('int_recommendation_neighbours') }}

),

popularity as (

    select
        is_test,
        product_number,
        category_number,
        price_level,
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

-- How dear a usual purchase is: its place in the price list.
usual_price_levels as (

    select
        is_test,
        cast(floor(1.0 * sum(price_level) / count(*)) as integer) as price_level
    from purchases
    group by is_test

),

products_wanted as (

    select
        popularity.is_test,
        popularity.product_number,
        popularity.category_number,
        popularity.demand,
        popularity.price_level - coalesce(usual_price_levels.price_level, 0) as price_level
    from popularity
    left join usual_price_levels on popularity.is_test = usual_price_levels.is_test

),

-- How much dearer than usual the customer buys, in places of the price list. A few imagined usual
-- purchases keep one order from saying too much.
purchases_summed as (

    select
        purchases.is_test,
        purchases.customer_number,
        count(case when not purchases.is_repeatable then 1 end) as owned,
        cast(floor(
            1.0 * sum(purchases.price_level - usual_price_levels.price_level)
            / (count(*) + {{ var('recommendation_price_prior_products') }})
        ) as integer) as price_level
    from purchases
    inner join usual_price_levels on purchases.is_test = usual_price_levels.is_test
    group by purchases.is_test, purchases.customer_number

),

categories_ranked as (

    select
        is_test,
        customer_number,
        category_number,
        sum(weight) as weight,
        row_number() over (
            partition by is_test, customer_number
            order by sum(weight) desc, category_number
        ) as category_rank
    from purchases
    group by is_test, customer_number, category_number

),

lists as (

    select
        folds.is_test,
        folds.customer_number,
        coalesce(purchases_summed.owned, 0) as owned,
        coalesce(purchases_summed.price_level, 0) as price_level,
        categories_ranked.category_number,
        cast(categories_ranked.weight as bigint) as category_weight
    from folds
    left join purchases_summed
        on
            folds.is_test = purchases_summed.is_test
            and folds.customer_number = purchases_summed.customer_number
    left join categories_ranked
        on
            folds.is_test = categories_ranked.is_test
            and folds.customer_number = categories_ranked.customer_number
            and categories_ranked.category_rank = 1

),

{# Customers are ranked slice by slice: what one slice needs of memory is free for the next. -#}
{% for slice in range(slices) %}
{%- set is_in_slice = 'customer_number % ' ~ slices ~ ' = ' ~ slice -%}
contributions_{{ slice }} as (

    select
        purchases.is_test,
        purchases.customer_number,
        neighbours.other_number as product_number,
        purchases.product_number as source_number,
        cast(purchases.weight as bigint) * neighbours.extra_demand as extra_demand
    from purchases
    inner join neighbours
        on
            purchases.is_test = neighbours.is_test
            and purchases.product_number = neighbours.product_number
    where purchases.weight > 0 and purchases.{{ is_in_slice }}
    union all
    -- More than the list is long beyond what the customer owns: the list is always full.
    select
        lists.is_test,
        lists.customer_number,
        popularity.product_number,
        0 as source_number,
        0 as extra_demand
    from lists
    inner join popularity
        on
            lists.is_test = popularity.is_test
            and popularity.demand_rank <= {{ 2 * list_length }} + lists.owned
    where lists.{{ is_in_slice }}
    union all
    select
        lists.is_test,
        lists.customer_number,
        popularity.product_number,
        0 as source_number,
        0 as extra_demand
    from lists
    inner join popularity
        on
            lists.is_test = popularity.is_test
            and lists.category_number = popularity.category_number
            and popularity.category_demand_rank <= {{ list_length }}
    where lists.{{ is_in_slice }}
    union all
    -- What the customer owns sinks below zero.
    select
        is_test,
        customer_number,
        product_number,
        0 as source_number,
        -10000000000000 as extra_demand
    from purchases
    where not is_repeatable and {{ is_in_slice }}

),

-- Sums of whole numbers below 2^53 are exact in binary, whatever their order.
candidates_{{ slice }} as (

    select
        is_test,
        customer_number,
        product_number,
        sum(cast(extra_demand as {{ dbt.type_float() }})) as extra_demand,
        max(case when source_number > 0 then extra_demand * 10000000 + source_number else 0 end)
            as largest_contribution
    from contributions_{{ slice }}
    group by is_test, customer_number, product_number

),

-- Whoever buys dear products gets dear ones more, and the other way round: as a straight line does
-- that leads through the purchases, whose places in the price list vary by 1,000 squared ÷ 12.
candidates_scored_{{ slice }} as (

    select
        candidates_{{ slice }}.is_test,
        candidates_{{ slice }}.customer_number,
        candidates_{{ slice }}.product_number,
        greatest(
            candidates_{{ slice }}.largest_contribution,
            case
                when
                    lists.category_number = products_wanted.category_number
                    and lists.category_weight * products_wanted.demand > 0
                    then
                        lists.category_weight * products_wanted.demand
                        * {{ category_weight * 100000 }} + 9000000 + lists.category_number
                else 0
            end
        ) as largest_contribution,
        (
            candidates_{{ slice }}.extra_demand * 100
            + cast(
                products_wanted.demand * (
                    {{ popularity_weight * 1000 }}
                    + case
                        when lists.category_number = products_wanted.category_number
                            then lists.category_weight * {{ category_weight }}
                        else 0
                    end
                ) as {{ dbt.type_float() }}
            )
        ) * greatest(
            1 + cast(lists.price_level * products_wanted.price_level as {{ dbt.type_float() }})
            * {{ price_weight * 12 }} / 100000000,
            0.1
        ) as score
    from candidates_{{ slice }}
    inner join products_wanted
        on
            candidates_{{ slice }}.is_test = products_wanted.is_test
            and candidates_{{ slice }}.product_number = products_wanted.product_number
    inner join lists
        on
            candidates_{{ slice }}.is_test = lists.is_test
            and candidates_{{ slice }}.customer_number = lists.customer_number
    where candidates_{{ slice }}.extra_demand >= 0

),

candidates_ranked_{{ slice }} as (

    select
        *,
        row_number() over (
            partition by is_test, customer_number
            order by score desc, product_number
        ) as recommendation_rank
    from candidates_scored_{{ slice }}

),

{% endfor -%}
candidates_ranked as (
    {% for slice in range(slices) %}
    select
        is_test,
        customer_number,
        recommendation_rank,
        product_number,
        score,
        largest_contribution
    from candidates_ranked_{{ slice }}
    where recommendation_rank <= {{ list_length }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

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

)

select * from final
