{#- The groups, or the whole relation, whose aggregate lies outside the bounds given. -#}
{% macro failing_aggregates_outside(
    model, expression, min_value, max_value, group_by, row_condition, strictly
) %}
    {{ dbt_expectations.failing_aggregates(
        model,
        expression,
        dbt_expectations.is_between(expression, min_value, max_value, strictly),
        group_by,
        row_condition
    ) }}
{% endmacro %}
