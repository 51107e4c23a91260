-- One row per fold x customer x product that purchases speak for: its score, which reaches the
-- customer's bar, and what gave most of it, a purchase or the favourite category. What the
-- customer owns is left out.
with

sources as (

    select
        is_test,
        customer_id,
        product_id,
        weight,
        favorite_category,
        favorite_weight,
        price_level,
        bar
    from {{ ref('int_recommendation_sources') }}

),

neighbours as (

    select
        is_test,
        product_id,
        other_product_id,
        extra_demand,
        most_extra_demand,
        category,
        price_level,
        demand
    from {{ ref('int_recommendation_neighbours') }}

),

owned as (

    select
        is_test,
        customer_id,
        product_id
    from {{ ref('int_recommendation_purchases') }}
    where not is_repeatable

),

-- Weights make 1,000 in all: a product has to reach the bar even if all purchases spoke for it as
-- loudly as any does.
contributions as (

    select
        sources.is_test,
        sources.customer_id,
        neighbours.other_product_id as product_id,
        sources.product_id as source_product_id,
        cast(sources.weight as bigint) * neighbours.extra_demand as extra_demand,
        neighbours.demand,
        {{ recommendation_favorite_demand(
            'neighbours.demand', 'neighbours.category',
            'sources.favorite_category', 'sources.favorite_weight'
        ) }} as favorite_demand,
        {{ recommendation_price_tilt('sources.price_level', 'neighbours.price_level') }} as tilt,
        sources.bar
    from sources
    inner join neighbours
        on
            sources.is_test = neighbours.is_test
            and sources.product_id = neighbours.product_id
    where
        cast(
            neighbours.most_extra_demand * 100000
            + neighbours.demand * {{ 100000 + 1000 * recommendation_category_percent() }}
            as {{ dbt.type_float() }}
        ) * {{ recommendation_price_tilt('sources.price_level', 'neighbours.price_level') }}
        >= sources.bar

),

-- Sums of whole numbers below 2^53 are exact in binary, whatever their order.
contributions_summed as (

    select
        is_test,
        customer_id,
        product_id,
        source_product_id,
        extra_demand as source_demand,
        demand,
        favorite_demand,
        tilt,
        bar,
        sum(cast(extra_demand as {{ dbt.type_float() }})) over (
            partition by is_test, customer_id, product_id
        ) as purchases_demand,
        row_number() over (
            partition by is_test, customer_id, product_id
            order by extra_demand desc, source_product_id desc
        ) as source_rank
    from contributions

),

companions as (

    select
        is_test,
        customer_id,
        product_id,
        source_product_id,
        favorite_demand > 0 and favorite_demand >= source_demand * 100 as is_for_category,
        (purchases_demand * 100 + cast(demand * 100000 + favorite_demand as {{ dbt.type_float() }}))
        * tilt as score,
        bar
    from contributions_summed
    where source_rank = 1

),

final as (

    select
        companions.is_test,
        companions.customer_id,
        companions.product_id,
        case when not companions.is_for_category then companions.source_product_id end
            as source_product_id,
        companions.is_for_category,
        companions.score
    from companions
    left join owned
        on
            companions.is_test = owned.is_test
            and companions.customer_id = owned.customer_id
            and companions.product_id = owned.product_id
    where companions.score >= companions.bar and owned.product_id is null

)

select * from final
