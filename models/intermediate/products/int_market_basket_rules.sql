-- One row per rule of two or three items, mined in SQL: all rules on engines without Python
-- models, the counterpart of the Python model on DuckDB.
{{ config(materialized='table') }}
with

limits as (

    select
        item_level,
        basket_count,
        kept_out_basket_count,
        min_confidence_millionths,
        min_lift_thousandths
    from {{ ref('int_basket_limits') }}

),

items as (

    select
        item_number,
        item_key,
        item_name,
        item_count,
        item_margin
    from {{ ref('int_basket_items_counted') }}
    where is_frequent

),

pairs as (

    select
        first_item,
        second_item,
        pair_count
    from {{ ref('int_basket_pairs_counted') }}

),

triples as (

    select
        first_item,
        second_item,
        third_item,
        triple_count
    from {{ ref('int_basket_triples_counted') }}

),

rules_of_pairs as (

    select
        first_item as antecedent,
        second_item as consequent,
        pair_count as rule_count
    from pairs
    union all
    select
        second_item as antecedent,
        first_item as consequent,
        pair_count as rule_count
    from pairs

),

rules_of_triples as (

    select
        first_item as first_antecedent,
        second_item as second_antecedent,
        third_item as consequent,
        triple_count as rule_count
    from triples
    union all
    select
        first_item as first_antecedent,
        third_item as second_antecedent,
        second_item as consequent,
        triple_count as rule_count
    from triples
    union all
    select
        second_item as first_antecedent,
        third_item as second_antecedent,
        first_item as consequent,
        triple_count as rule_count
    from triples

),

rules as (

    select
        rules_of_pairs.antecedent as first_antecedent,
        null as second_antecedent,
        rules_of_pairs.consequent,
        antecedents.item_count as antecedent_count,
        rules_of_pairs.rule_count,
        false as is_redundant
    from rules_of_pairs
    inner join items as antecedents on rules_of_pairs.antecedent = antecedents.item_number
    union all
    -- Redundant: one antecedent alone gives the consequent with at least equal confidence.
    select
        rules_of_triples.first_antecedent,
        rules_of_triples.second_antecedent,
        rules_of_triples.consequent,
        pairs.pair_count as antecedent_count,
        rules_of_triples.rule_count,
        (
            first_rules.rule_count * pairs.pair_count
            >= rules_of_triples.rule_count * first_items.item_count
            or second_rules.rule_count * pairs.pair_count
            >= rules_of_triples.rule_count * second_items.item_count
        ) as is_redundant
    from rules_of_triples
    inner join pairs
        on
            rules_of_triples.first_antecedent = pairs.first_item
            and rules_of_triples.second_antecedent = pairs.second_item
    inner join items as first_items
        on rules_of_triples.first_antecedent = first_items.item_number
    inner join items as second_items
        on rules_of_triples.second_antecedent = second_items.item_number
    inner join rules_of_pairs as first_rules
        on
            rules_of_triples.first_antecedent = first_rules.antecedent
            and rules_of_triples.consequent = first_rules.consequent
    inner join rules_of_pairs as second_rules
        on
            rules_of_triples.second_antecedent = second_rules.antecedent
            and rules_of_triples.consequent = second_rules.consequent

),

rules_kept as (

    select
        rules.first_antecedent,
        rules.second_antecedent,
        rules.consequent,
        rules.antecedent_count,
        consequents.item_count as consequent_count,
        rules.rule_count,
        limits.basket_count,
        limits.kept_out_basket_count,
        limits.item_level,
        consequents.item_key as consequent_key,
        consequents.item_name as consequent_name,
        consequents.item_margin as consequent_margin,
        rules.is_redundant,
        cast(limits.basket_count as {{ dbt.type_float() }}) as baskets,
        cast(rules.antecedent_count as {{ dbt.type_float() }}) as antecedent_baskets,
        cast(consequents.item_count as {{ dbt.type_float() }}) as consequent_baskets,
        cast(
            rules.rule_count * limits.basket_count - rules.antecedent_count * consequents.item_count
            as {{ dbt.type_float() }}
        ) as surplus
    from rules
    inner join items as consequents on rules.consequent = consequents.item_number
    inner join limits
        on
            rules.rule_count * 1000000
            >= limits.min_confidence_millionths * rules.antecedent_count
            and rules.rule_count * limits.basket_count * 1000
            >= limits.min_lift_thousandths * rules.antecedent_count * consequents.item_count

),

rules_tested as (

    select
        rules_kept.*,
        rules_kept.surplus * rules_kept.surplus / nullif(
            rules_kept.antecedent_baskets * rules_kept.consequent_baskets
            * (rules_kept.baskets - rules_kept.antecedent_baskets)
            * (rules_kept.baskets - rules_kept.consequent_baskets),
            0
        ) * rules_kept.baskets as chi_square
    from rules_kept

),

final as (

    select
        -- identifiers
        first_items.item_name || coalesce(' + ' || second_items.item_name, '') as antecedents,
        first_items.item_key || coalesce(' + ' || second_items.item_key, '') as antecedent_keys,
        rules_tested.consequent_name as consequent,
        rules_tested.consequent_key,

        -- dimensions
        rules_tested.item_level,
        cast(
            case when rules_tested.second_antecedent is null then 2 else 3 end as bigint
        ) as rule_length,

        -- measures
        rules_tested.antecedent_count,
        rules_tested.consequent_count,
        rules_tested.rule_count,
        rules_tested.basket_count,
        rules_tested.kept_out_basket_count,
        rules_tested.rule_count / rules_tested.baskets as support,
        rules_tested.rule_count / rules_tested.antecedent_baskets as confidence,
        rules_tested.rule_count * rules_tested.baskets
        / (rules_tested.antecedent_baskets * rules_tested.consequent_baskets) as lift,
        rules_tested.surplus / (rules_tested.baskets * rules_tested.baskets) as leverage,
        rules_tested.antecedent_baskets * (rules_tested.baskets - rules_tested.consequent_baskets)
        / nullif(
            rules_tested.baskets * (rules_tested.antecedent_baskets - rules_tested.rule_count), 0
        ) as conviction,
        rules_tested.chi_square,
        {{ chi_square_p_value('rules_tested.chi_square') }} as p_value,
        cast(
            first_items.item_margin
            + case
                when rules_tested.second_antecedent is null then 0 else second_items.item_margin
            end
            + rules_tested.consequent_margin as numeric(18, 2)
        ) as items_margin,
        rules_tested.is_redundant
    from rules_tested
    inner join items as first_items on rules_tested.first_antecedent = first_items.item_number
    left join items as second_items on rules_tested.second_antecedent = second_items.item_number

)

select * from final
