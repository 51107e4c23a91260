{% test expect_column_values_to_not_match_regex(
    model, column_name, regex, row_condition=none, is_raw=false, flags=''
) %}
    {{ dbt_expectations.failing_rows(
        model,
        'not (' ~ dbt_expectations.matches_regex(column_name, regex, flags) ~ ')',
        row_condition
    ) }}
{% endtest %}
