-- One row per rule of two or three items: the SQL counterpart of
-- python_models/market_basket_rules.py on engines that run no Python models.
select
    antecedents,
    antecedent_keys,
    consequent,
    consequent_key,
    item_level,
    rule_length,
    antecedent_count,
    consequent_count,
    rule_count,
    basket_count,
    kept_out_basket_count,
    support,
    confidence,
    lift,
    leverage,
    conviction,
    chi_square,
    p_value,
    items_margin,
    is_redundant
from {{ ref('int_market_basket_rules') }}
