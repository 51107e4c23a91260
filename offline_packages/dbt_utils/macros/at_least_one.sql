{% test at_least_one(model, column_name, group_by_columns=[]) %}
    {{ dbt_utils.failing_groups(model, 'count(' ~ column_name ~ ') = 0', group_by_columns) }}
{% endtest %}
