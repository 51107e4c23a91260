{#- Transformed column names of a relation, or of the subquery that a `where` config makes. -#}
{% macro column_names(model, transform) %}
    {%- set names = get_columns_in_query('select * from ' ~ model) if execute else [] -%}
    {{ return(names | map(transform) | list) }}
{% endmacro %}
