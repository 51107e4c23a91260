{#-
    How much the orders up to the end of each part of var clv_horizon_days weigh, a list of `parts` numbers.
    The discount of a part is that of its middle. Orders are counted from today, so those up to the end of a
    part weigh by how much later ones are discounted further: the sum of weight x orders is discounted orders.
-#}
{% macro clv_discount_weights(parts) %}
    {%- set weights = [] -%}
    {%- for part in range(1, parts + 1) -%}
        {%- set years = (part - 0.5) * var('clv_horizon_days') / parts / 365 -%}
        {%- set factor = (1 + var('clv_discount_rate')) ** (-years) -%}
        {%- set next = factor * (1 + var('clv_discount_rate')) ** (-var('clv_horizon_days') / parts / 365) -%}
        {%- do weights.append(factor - (0 if loop.last else next)) -%}
    {%- endfor -%}
    {{ return(weights) }}
{% endmacro %}
