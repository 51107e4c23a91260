{#-
    Stands between `as` and the bracket of a CTE that costs less to compute again than to keep. DuckDB
    and PostgreSQL keep a CTE that is read twice; Spark keeps none.
-#}
{% macro not_materialized() -%}
    {{ adapter.dispatch('not_materialized')() }}
{%- endmacro %}

{% macro default__not_materialized() -%} {{ not_written('not_materialized') }} {%- endmacro %}

{% macro duckdb__not_materialized() -%} not materialized {%- endmacro %}

{% macro postgres__not_materialized() -%} not materialized {%- endmacro %}

{% macro spark__not_materialized() -%} {%- endmacro %}
