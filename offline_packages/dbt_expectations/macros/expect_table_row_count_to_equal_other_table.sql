{#- A group that only one of the tables has counts 0 rows in the other. -#}
{% test expect_table_row_count_to_equal_other_table(
    model,
    compare_model,
    group_by=none,
    compare_group_by=none,
    factor=1,
    row_condition=none,
    compare_row_condition=none
) %}
    {%- set columns = group_by or [] -%}
    {%- set compare_columns = compare_group_by or columns -%}

    select
        {% for column in columns %}group_{{ loop.index }}, {% endfor %}
        sum(model_rows) as model_rows,
        sum(compare_rows) as compare_rows
    from (
        select
            {% for column in columns %}{{ column }} as group_{{ loop.index }}, {% endfor %}
            count(*) as model_rows,
            0 as compare_rows
        from {{ model }}
        {% if row_condition %}where {{ row_condition }}{% endif %}
        {% if columns %}group by {{ columns | join(', ') }}{% endif %}
        union all
        select
            {% for column in compare_columns %}{{ column }} as group_{{ loop.index }}, {% endfor %}
            0 as model_rows,
            count(*) as compare_rows
        from {{ compare_model }}
        {% if compare_row_condition %}where {{ compare_row_condition }}{% endif %}
        {% if compare_columns %}group by {{ compare_columns | join(', ') }}{% endif %}
    ) as counted
    {% if columns -%}
    group by
        {% for column in columns -%}
        group_{{ loop.index }}{{ '' if loop.last else ', ' }}
        {%- endfor %}
    {%- endif %}
    having sum(model_rows) <> {{ factor }} * sum(compare_rows)
{% endtest %}
