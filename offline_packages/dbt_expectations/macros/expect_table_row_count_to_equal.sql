{% test expect_table_row_count_to_equal(model, value, group_by=none, row_condition=none) %}
    {{ dbt_expectations.failing_aggregates(
        model, 'count(*)', 'count(*) = ' ~ value, group_by, row_condition
    ) }}
{% endtest %}
