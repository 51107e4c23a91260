{% macro analyze_table() -%}
    {%- if target.type == 'postgres' and model.config.materialized == 'table' -%}
        analyze {{ this }}
    {%- endif -%}
{%- endmacro %}
