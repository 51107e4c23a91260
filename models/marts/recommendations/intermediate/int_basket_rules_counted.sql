-- One row per rule of two or three frequent items before any limit: how many baskets hold its left
-- side and all of it, and whether a shorter rule says as much.
with

items as (

    select
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

-- Antecedents are listed in the order of their names.
antecedent_pairs as (

    select
        pairs.first_item,
        pairs.second_item,
        pairs.pair_count,
        first_items.item_count as first_count,
        second_items.item_count as second_count,
        cast(first_items.item_margin + second_items.item_margin as numeric(18, 2)) as margin,
        case
            when first_items.item_name <= second_items.item_name
                then first_items.item_name || ' + ' || second_items.item_name
            else second_items.item_name || ' + ' || first_items.item_name
        end as item_names,
        case
            when first_items.item_name <= second_items.item_name
                then first_items.item_key || ' + ' || second_items.item_key
            else second_items.item_key || ' + ' || first_items.item_key
        end as item_keys
    from pairs
    inner join items as first_items on pairs.first_item = first_items.item_key
    inner join items as second_items on pairs.second_item = second_items.item_key

),

final as (

    select
        items.item_name as antecedents,
        items.item_key as antecedent_keys,
        rules_of_pairs.consequent as consequent_key,
        cast(2 as bigint) as rule_length,
        items.item_count as antecedent_count,
        rules_of_pairs.rule_count,
        items.item_margin as antecedents_margin,
        false as is_redundant
    from rules_of_pairs
    inner join items on rules_of_pairs.antecedent = items.item_key
    union all
    -- Redundant: one antecedent alone gives the consequent with at least equal confidence.
    select
        antecedent_pairs.item_names as antecedents,
        antecedent_pairs.item_keys as antecedent_keys,
        rules_of_triples.consequent as consequent_key,
        cast(3 as bigint) as rule_length,
        antecedent_pairs.pair_count as antecedent_count,
        rules_of_triples.rule_count,
        antecedent_pairs.margin as antecedents_margin,
        (
            first_rules.rule_count * antecedent_pairs.pair_count
            >= rules_of_triples.rule_count * antecedent_pairs.first_count
            or second_rules.rule_count * antecedent_pairs.pair_count
            >= rules_of_triples.rule_count * antecedent_pairs.second_count
        ) as is_redundant
    from rules_of_triples
    inner join antecedent_pairs
        on
            rules_of_triples.first_antecedent = antecedent_pairs.first_item
            and rules_of_triples.second_antecedent = antecedent_pairs.second_item
    inner join rules_of_pairs as first_rules
        on
            rules_of_triples.first_antecedent = first_rules.antecedent
            and rules_of_triples.consequent = first_rules.consequent
    inner join rules_of_pairs as second_rules
        on
            rules_of_triples.second_antecedent = second_rules.antecedent
            and rules_of_triples.consequent = second_rules.consequent

)

select * from final
