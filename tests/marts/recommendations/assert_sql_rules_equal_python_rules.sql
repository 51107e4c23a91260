-- The rules of two and three items mined in SQL are those of market_basket_rules, which Python
-- mines on DuckDB: the same rules, the same counts, measures within 1e-6.
{%- set exact = [
    'antecedents', 'consequent', 'antecedent_count', 'consequent_count', 'rule_count',
    'basket_count', 'kept_out_basket_count', 'items_margin', 'is_redundant',
] %}
{%- set measured = [
    'support', 'confidence', 'lift', 'leverage', 'conviction', 'chi_square', 'p_value',
] %}
with

rules as (

    select
        antecedent_keys,
        {%- for column in exact + measured %}
        {{ column }},
        {%- endfor %}
        consequent_key
    from {{ ref('market_basket_rules') }}
    where rule_length <= 3

),

rules_in_sql as (

    select
        antecedent_keys,
        {%- for column in exact + measured %}
        {{ column }},
        {%- endfor %}
        consequent_key
    from {{ ref('int_market_basket_rules') }}

)

select
    coalesce(rules.antecedents, rules_in_sql.antecedents) as antecedents,
    coalesce(rules.consequent, rules_in_sql.consequent) as consequent,
    rules.rule_count,
    rules_in_sql.rule_count as rule_count_in_sql
from rules
full outer join rules_in_sql
    on
        rules.antecedent_keys = rules_in_sql.antecedent_keys
        and rules.consequent_key = rules_in_sql.consequent_key
where
    rules.rule_count is null
    or rules_in_sql.rule_count is null
    {%- for column in exact %}
    or rules.{{ column }} is distinct from rules_in_sql.{{ column }}
    {%- endfor %}
    {%- for column in measured %}
    or (rules.{{ column }} is null) <> (rules_in_sql.{{ column }} is null)
    or abs(rules.{{ column }} - rules_in_sql.{{ column }}) > 1e-6 * abs(rules.{{ column }})
    {%- endfor %}
