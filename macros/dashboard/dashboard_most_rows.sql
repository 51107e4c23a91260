{#- Rows a table of the dashboard may have before a coarser one takes its place: the page stays small. -#}
{% macro dashboard_most_rows() -%}
    80000
{%- endmacro %}
