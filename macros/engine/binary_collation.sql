{#-
    Text that sorts and compares byte by byte, as DuckDB and Spark always do; on PostgreSQL the locale of
    the database would otherwise decide ties. Staging applies it once and every later column inherits it.
-#}
{% macro binary_collation() -%}
    {{ adapter.dispatch('binary_collation')() }}
{%- endmacro %}

{% macro default__binary_collation() -%} {{ not_written('binary_collation') }} {%- endmacro %}

{% macro duckdb__binary_collation() -%} {%- endmacro %}

{% macro postgres__binary_collation() %} collate "C"{% endmacro %}

{% macro spark__binary_collation() -%} {%- endmacro %}
