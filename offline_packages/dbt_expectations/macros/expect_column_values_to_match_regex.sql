{% test expect_column_values_to_match_regex(
    model, column_name, regex, row_condition=none, is_raw=false, flags=''
) %}
    {{ dbt_expectations.failing_rows(
        model, dbt_expectations.matches_regex(column_name, regex, flags), row_condition
    ) }}
{% endtest %}
