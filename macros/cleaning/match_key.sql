{#- The form in which spellings are looked up in reference seeds: lower case, '_' and '-' as blanks. -#}
{% macro match_key(column) -%}
    lower(
        replace(replace({{ clean_text(column) }}, '_', ' '), '-', ' '){{ language_collation() }}
    )
{%- endmacro %}
