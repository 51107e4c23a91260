{#- The key of a raw row as one text, for people who look it up in the source; null where it has none. -#}
{% macro rejected_row_key(entity) -%}
    {%- set key = raw_contract(entity).key if execute else [] -%}
    nullif(concat_ws(
        ', ',
        {%- for column in key %}
        cast({{ column }} as {{ dbt.type_string() }}),
        {%- endfor %}
        null
    ), '')
{%- endmacro %}
