{#- The groups, or the whole relation, whose aggregate breaks a condition; null passes. -#}
{% macro failing_aggregates(model, expression, condition, group_by, row_condition) %}
    select
        {% for column in group_by or [] %}{{ column }}, {% endfor %}
        {{ expression }} as observed_value
    from {{ model }}
    {% if row_condition %}where {{ row_condition }}{% endif %}
    {% if group_by %}group by {{ group_by | join(', ') }}{% endif %}
    having not ({{ condition }})
{% endmacro %}
