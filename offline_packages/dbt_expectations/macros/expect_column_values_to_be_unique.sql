{#- Nulls are no values, so several of them are no duplicates. -#}
{% test expect_column_values_to_be_unique(model, column_name, row_condition=none) %}
    {{ dbt_expectations.duplicated_columns(
        model, [column_name], 'any_value_is_missing', row_condition
    ) }}
{% endtest %}
