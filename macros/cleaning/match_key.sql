{#-
    The form in which spellings are looked up in reference seeds: lower case, '_' and '-' as blanks.
    PostgreSQL lowers accented letters only under the collation of the database.
-#}
{% macro match_key(column) -%}
    lower(
        replace(replace({{ clean_text(column) }}, '_', ' '), '-', ' ')
        {{- ' collate "default"' if target.type == 'postgres' }}
    )
{%- endmacro %}
