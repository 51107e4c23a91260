{#- Null is no value here: one value beside nulls is constant, nulls alone are not. -#}
{% test not_constant(model, column_name, group_by_columns=[]) %}
    {{ dbt_utils.failing_groups(
        model, 'count(distinct ' ~ column_name ~ ') = 1', group_by_columns
    ) }}
{% endtest %}
