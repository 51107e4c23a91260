-- One row per rule of two or three items, mined in SQL: all rules on engines without Python
-- models, the counterpart of the Python model on DuckDB.
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

consequents as (

    select
        item_key,
        item_name,
        item_count,
        item_margin
    from {{ ref('int_basket_items_counted') }}
    where is_frequent

),

rules as (

    select
        antecedents,
        antecedent_keys,
        consequent_key,
        rule_length,
        antecedent_count,
        rule_count,
        antecedents_margin,
        is_redundant
    from {{ ref('int_basket_rules_counted') }}

),

rules_kept as (

    select
        rules.antecedents,
        rules.antecedent_keys,
        rules.consequent_key,
        rules.rule_length,
        rules.antecedent_count,
        rules.rule_count,
        rules.is_redundant,
        consequents.item_name as consequent,
        consequents.item_count as consequent_count,
        limits.basket_count,
        limits.kept_out_basket_count,
        limits.item_level,
        rules.antecedents_margin + consequents.item_margin as items_margin,
        cast(limits.basket_count as {{ dbt.type_float() }}) as baskets,
        cast(rules.antecedent_count as {{ dbt.type_float() }}) as antecedent_baskets,
        cast(consequents.item_count as {{ dbt.type_float() }}) as consequent_baskets,
        cast(
            rules.rule_count * limits.basket_count - rules.antecedent_count * consequents.item_count
            as {{ dbt.type_float() }}
        ) as surplus
    from rules
    inner join consequents on rules.consequent_key = consequents.item_key
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
        antecedents,
        antecedent_keys,
        consequent,
        consequent_key,

        -- dimensions
        item_level,
        rule_length,

        -- measures
        antecedent_count,
        consequent_count,
        rule_count,
        basket_count,
        kept_out_basket_count,
        rule_count / baskets as support,
        rule_count / antecedent_baskets as confidence,
        rule_count * baskets / (antecedent_baskets * consequent_baskets) as lift,
        surplus / (baskets * baskets) as leverage,
        antecedent_baskets * (baskets - consequent_baskets)
        / nullif(baskets * (antecedent_baskets - rule_count), 0) as conviction,
        chi_square,
        {{ chi_square_p_value('chi_square') }} as p_value,
        cast(items_margin as numeric(18, 2)) as items_margin,
        is_redundant
    from rules_tested

)

select * from final
