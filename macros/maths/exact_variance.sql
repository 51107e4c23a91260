{#-
    The sample variance of binary floats, never below 0 and null of fewer than two, the same in whatever
    order they are added: see exact_sum.
-#}
{% macro exact_variance(value) -%}
    greatest(
        {{ exact_sum(value ~ ' * ' ~ value) }}
        - {{ exact_sum(value) }} * {{ exact_sum(value) }} / nullif(count({{ value }}), 0), 0
    ) / nullif(greatest(count({{ value }}) - 1, 0), 0)
{%- endmacro %}
