{#- A label as a code that joins across tables: 'Paid Search' and 'paid-search' become paid_search. -#}
{% macro as_code(column) -%}
    replace({{ match_key(column) }}, ' ', '_'){{ binary_collation() }}
{%- endmacro %}
