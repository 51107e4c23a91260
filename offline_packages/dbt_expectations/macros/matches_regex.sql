{#- SQL that is true when a pattern is found anywhere in a string. The engines read a leading
    `(?i)` as flags, and neither DuckDB nor PostgreSQL gives backslashes in a literal a meaning. -#}
{% macro matches_regex(column_name, regex, flags) %}
    {%- set pattern = '(?' ~ flags ~ ')' ~ regex if flags else regex -%}
    {{ return(adapter.dispatch('matches_regex', 'dbt_expectations')(column_name, pattern)) }}
{% endmacro %}

{% macro default__matches_regex(column_name, pattern) %}
    {{ exceptions.raise_compiler_error('matches_regex is not written for ' ~ adapter.type()) }}
{% endmacro %}

{% macro duckdb__matches_regex(column_name, pattern) %}
    {{ return("regexp_matches(" ~ column_name ~ ", '" ~ pattern ~ "')") }}
{% endmacro %}

{% macro postgres__matches_regex(column_name, pattern) %}
    {{ return(column_name ~ " ~ '" ~ pattern ~ "'") }}
{% endmacro %}

{% macro spark__matches_regex(column_name, pattern) %}
    {{ return(column_name ~ " rlike r'" ~ pattern ~ "'") }}
{% endmacro %}
