{#-
    Text that sorts and compares byte by byte, as DuckDB always does; on PostgreSQL the locale of the
    database would otherwise decide ties. Staging applies it once and every later column inherits it.
-#}
{% macro binary_collation() -%}
    {{ ' collate "C"' if target.type == 'postgres' }}
{%- endmacro %}
