{#- Text without surrounding blanks, tabs and line breaks; null where nothing is left. -#}
{% macro clean_text(column) -%}
    nullif(trim({{ column }}, ' ' || chr(9) || chr(10) || chr(13)), '')
{%- endmacro %}
