{#-
    The slope of the least-squares line of y, binary floats, over x, whole numbers; null where x has one
    value only. The same in whatever order they are added: see exact_sum. Rows without y do not count.
-#}
{% macro exact_slope(y, x) -%}
    {%- set n = 'count(' ~ y ~ ')' -%}
    {%- set known_x = '(case when ' ~ y ~ ' is not null then ' ~ x ~ ' end)' -%}
    {%- set sum_x = 'cast(sum(' ~ known_x ~ ') as ' ~ dbt.type_float() ~ ')' -%}
    (
        {{ n }} * {{ exact_sum(y ~ ' * ' ~ x) }} - {{ sum_x }} * {{ exact_sum(y) }}
    ) / nullif(
        {{ n }} * cast(sum({{ known_x }} * {{ known_x }}) as {{ dbt.type_float() }})
        - {{ sum_x }} * {{ sum_x }}, 0
    )
{%- endmacro %}
