{#- Each value is held against the one before it by `sort_column`, which is by default its own. -#}
{% test expect_column_values_to_be_increasing(
    model,
    column_name,
    sort_column=none,
    row_condition=none,
    strictly=true,
    group_by=none,
    step=none
) %}
    with

    selected as (

        select
            {% for column in group_by or [] %}{{ column }} as group_{{ loop.index }}, {% endfor %}
            {{ sort_column or column_name }} as sort_value,
            {{ column_name }} as current_value
        from {{ model }}
        {% if row_condition %}where {{ row_condition }}{% endif %}

    ),

    selected_with_previous as (

        select
            *,
            lag(current_value) over (
                {% for column in group_by or [] -%}
                {{ 'partition by ' if loop.first else ', ' }}group_{{ loop.index }}
                {%- endfor %}
                order by sort_value nulls last, current_value nulls last
            ) as previous_value
        from selected

    )

    select *
    from selected_with_previous
    where
        {% if step is none -%}
        not (current_value {{ '>' if strictly else '>=' }} previous_value)
        {%- else -%}
        not (current_value - previous_value = {{ step }})
        {%- endif %}
{% endtest %}
