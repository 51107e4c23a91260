{% test expect_column_value_lengths_to_be_between(
    model, column_name, min_value=none, max_value=none, row_condition=none, strictly=false
) %}
    {%- set length = dbt.length(column_name) | trim -%}
    {{ dbt_expectations.failing_rows(
        model,
        dbt_expectations.is_between(length, min_value, max_value, strictly),
        row_condition
    ) }}
{% endtest %}
