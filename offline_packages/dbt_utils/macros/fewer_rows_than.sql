{% test fewer_rows_than(model, compare_model, group_by_columns=[]) %}
    {{ dbt_utils.row_counts_compared(model, compare_model, group_by_columns) }}
    having sum(model_rows) >= sum(compare_rows)
{% endtest %}
