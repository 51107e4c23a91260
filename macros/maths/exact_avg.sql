{#- The mean of binary floats, the same in whatever order they are added: see exact_sum. -#}
{% macro exact_avg(value, scale=15, over=none) -%}
    {{ exact_sum(value, scale, over) }} / nullif(count({{ value }})
    {{- ' over (' ~ over ~ ')' if over is not none }}, 0)
{%- endmacro %}
