{#-
    Text without surrounding blanks, tabs and line breaks; null where nothing is left. Trimming a set of
    characters is slow in DuckDB and few texts need it: one that begins and ends with something after
    the blank stays as it is.
-#}
{% macro clean_text(column) -%}
    {{ adapter.dispatch('clean_text')(column) }}
{%- endmacro %}

{% macro default__clean_text(column) -%} {{ not_written('clean_text') }} {%- endmacro %}

{% macro duckdb__clean_text(column) -%}
    case
            when {{ column }} < '!' or right({{ column }}, 1) < '!' then {{ trimmed_text(column) }}
            else {{ column }}
        end
{%- endmacro %}

{% macro postgres__clean_text(column) -%}
    {{ trimmed_text(column) }}
{%- endmacro %}

{% macro spark__clean_text(column) -%}
    nullif(trim(both ' ' || chr(9) || chr(10) || chr(13) from {{ column }}), '')
{%- endmacro %}

{% macro trimmed_text(column) -%}
    nullif(trim({{ column }}, ' ' || chr(9) || chr(10) || chr(13)), '')
{%- endmacro %}
