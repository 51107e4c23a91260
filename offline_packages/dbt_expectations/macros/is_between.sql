{#- SQL that is true when an expression lies between the bounds given. -#}
{% macro is_between(expression, min_value, max_value, strictly) %}
    {%- if execute and min_value is none and max_value is none -%}
        {{ exceptions.raise_compiler_error(
            'a test that expects ' ~ expression ~ ' in a range needs min_value or max_value'
        ) }}
    {%- endif -%}
    {%- set or_equal = '' if strictly else '=' -%}
    {%- set conditions = [] -%}
    {%- if min_value is not none -%}
        {%- do conditions.append(expression ~ ' >' ~ or_equal ~ ' ' ~ min_value) -%}
    {%- endif -%}
    {%- if max_value is not none -%}
        {%- do conditions.append(expression ~ ' <' ~ or_equal ~ ' ' ~ max_value) -%}
    {%- endif -%}
    {{ return(conditions | join(' and ') or 'true') }}
{% endmacro %}
