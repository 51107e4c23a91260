{#- SQL that is true when a pattern is found anywhere in a string. Both engines read a leading
    `(?i)` as flags, and neither gives backslashes in a literal a meaning of its own. -#}
{% macro matches_regex(column_name, regex, flags) %}
    {%- set pattern = '(?' ~ flags ~ ')' ~ regex if flags else regex -%}
    {{ return(adapter.dispatch('matches_regex', 'dbt_expectations')(column_name, pattern)) }}
{% endmacro %}

{% macro default__matches_regex(column_name, pattern) %}
    {{ return("regexp_matches(" ~ column_name ~ ", '" ~ pattern ~ "')") }}
{% endmacro %}

{% macro postgres__matches_regex(column_name, pattern) %}
    {{ return(column_name ~ " ~ '" ~ pattern ~ "'") }}
{% endmacro %}
