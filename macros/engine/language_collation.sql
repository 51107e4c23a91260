{#-
    Text whose letters know their other case, accented ones too: PostgreSQL asks the collation of the
    database for it, DuckDB and Spark need none.
-#}
{% macro language_collation() -%}
    {{ adapter.dispatch('language_collation')() }}
{%- endmacro %}

{% macro default__language_collation() -%} {{ not_written('language_collation') }} {%- endmacro %}

{% macro duckdb__language_collation() -%} {%- endmacro %}

{% macro postgres__language_collation() %} collate "default"{% endmacro %}

{% macro spark__language_collation() -%} {%- endmacro %}
