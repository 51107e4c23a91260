{#- dbt's own type_float is FLOAT, which has 24 bits of precision on DuckDB and Spark and 53 on PostgreSQL. -#}
{% macro duckdb__type_float() -%}
    double
{%- endmacro %}

{% macro postgres__type_float() -%}
    double precision
{%- endmacro %}

{% macro spark__type_float() -%}
    double
{%- endmacro %}
