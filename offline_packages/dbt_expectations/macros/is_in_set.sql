{#- SQL that is true when a column holds one of the values and false for null: it is in no set. -#}
{% macro is_in_set(column_name, value_set, quote_values) %}
    {%- set values = [] -%}
    {%- for value in value_set -%}
        {%- do values.append("'" ~ value ~ "'" if quote_values else value) -%}
    {%- endfor -%}
    {{ return('coalesce(' ~ column_name ~ ' in (' ~ values | join(', ') ~ '), false)') }}
{% endmacro %}
