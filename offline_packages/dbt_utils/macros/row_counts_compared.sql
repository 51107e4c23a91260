{#- Row counts of two relations side by side, whole or per group, for the tests that compare them.
    A group that only one of them has counts 0 on the other side. -#}
{% macro row_counts_compared(model, compare_model, group_by_columns) %}
    {%- set columns = group_by_columns | join(', ') -%}
    {%- set columns_first = columns ~ ',' if columns else '' -%}

    select
        {{ columns_first }}
        sum(model_rows) as model_rows,
        sum(compare_rows) as compare_rows
    from (
        select {{ columns_first }} count(*) as model_rows, 0 as compare_rows
        from {{ model }}
        {% if columns %}group by {{ columns }}{% endif %}
        union all
        select {{ columns_first }} 0 as model_rows, count(*) as compare_rows
        from {{ compare_model }}
        {% if columns %}group by {{ columns }}{% endif %}
    ) as counted
    {% if columns %}group by {{ columns }}{% endif %}
{% endmacro %}
