{#-
    Overrides dbt's DDL for models with a contract on PostgreSQL: text columns get the "C" collation
    that staging gives them, so that text sorts, compares and breaks ties byte by byte as on DuckDB,
    whatever the locale of the database.
-#}
{% macro postgres__get_table_columns_and_constraints() -%}
    (
    {%- for column in adapter.render_raw_columns_constraints(raw_columns=model['columns']) %}
        {{ modules.re.sub('(?i) text\\b', ' text' ~ binary_collation(), column) }}{{ ',' if not loop.last }}
    {%- endfor %}
    )
{%- endmacro %}
