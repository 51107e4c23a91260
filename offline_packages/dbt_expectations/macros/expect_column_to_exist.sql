{% test expect_column_to_exist(model, column_name) %}
    {%- set found = dbt_expectations.column_names(model, 'upper') -%}
    {{ dbt_expectations.rows_of_names([column_name | upper] | reject('in', found) | list) }}
{% endtest %}
