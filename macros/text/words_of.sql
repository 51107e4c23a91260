{#- One row per word of a text, in small letters: a set-returning expression for a select list. -#}
{% macro words_of(text) -%}
    {{ adapter.dispatch('words_of')(text) }}
{%- endmacro %}

{% macro default__words_of(text) -%} {{ not_written('words_of') }} {%- endmacro %}

{% macro duckdb__words_of(text) -%}
    unnest(string_split_regex(lower({{ text }}), '[^a-z0-9]+'))
{%- endmacro %}

{% macro postgres__words_of(text) -%}
    regexp_split_to_table(lower({{ text }}), '[^a-z0-9]+')
{%- endmacro %}

{% macro spark__words_of(text) -%}
    explode(split(lower({{ text }}), '[^a-z0-9]+'))
{%- endmacro %}
