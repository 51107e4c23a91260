{% test expect_column_distinct_count_to_be_greater_than(
    model, column_name, value, quote_values=true, group_by=none, row_condition=none
) %}
    {%- set distinct_count = 'count(distinct ' ~ column_name ~ ')' -%}
    {{ dbt_expectations.failing_aggregates(
        model, distinct_count, distinct_count ~ ' > ' ~ value, group_by, row_condition
    ) }}
{% endtest %}
