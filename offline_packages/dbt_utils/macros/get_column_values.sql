{#- Values of equal rank are ordered by the value itself, so that two runs give one list. -#}
{% macro get_column_values(
    table,
    column,
    where=none,
    order_by='count(*) desc',
    max_records=none,
    default=[]
) %}
    {%- if not execute or load_relation(table) is none -%}
        {{ return(default) }}
    {%- endif -%}

    {%- set values_query -%}
        select {{ column }} as value
        from {{ table }}
        {% if where %}where {{ where }}{% endif %}
        group by {{ column }}
        order by {{ order_by }}, {{ column }}
        {% if max_records is not none %}limit {{ max_records }}{% endif %}
    {%- endset -%}
    {{ return(run_query(values_query).columns[0].values() | list) }}
{% endmacro %}
