{% test expect_table_column_count_to_equal(model, value) %}
    {%- set found = dbt_expectations.column_names(model, 'lower') -%}
    {{ dbt_expectations.rows_of_names(
        [found | join(', ')] if execute and found | length != value | int else []
    ) }}
{% endtest %}
