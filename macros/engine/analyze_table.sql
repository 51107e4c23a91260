{#- PostgreSQL plans joins badly on a table it has no statistics for yet; the others gather their own. -#}
{% macro analyze_table() -%}
    {{ adapter.dispatch('analyze_table')() }}
{%- endmacro %}

{% macro default__analyze_table() -%} {{ not_written('analyze_table') }} {%- endmacro %}

{% macro duckdb__analyze_table() -%} {%- endmacro %}

{% macro postgres__analyze_table() -%}
    {%- if model.config.materialized == 'table' -%}
        analyze {{ this }}
    {%- endif -%}
{%- endmacro %}

{% macro spark__analyze_table() -%} {%- endmacro %}
