-- One row per association rule, with the category of the product it leads to.
with

rules as (

    select
        antecedent_keys,
        consequent_key,
        item_level,
        antecedents,
        consequent,
        rule_count,
        support,
        confidence,
        lift,
        is_redundant
    from {{ ref('market_basket_rules') }}

),

products as (

    select
        product_id,
        category
    from {{ ref('dim_products') }}

),

final as (

    select
        rules.antecedent_keys,
        rules.consequent_key,
        rules.antecedents,
        rules.consequent,
        products.category,
        rules.rule_count,
        rules.support,
        rules.confidence,
        rules.lift,
        rules.is_redundant
    from rules
    left join products
        on rules.consequent_key = products.product_id and rules.item_level = 'product'

)

select * from final
