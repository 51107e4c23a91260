{#- Two nulls are the same; a null and a value are not. -#}
{% test expect_column_pair_values_to_be_equal(model, column_A, column_B, row_condition=none) %}
    {{ dbt_expectations.failing_rows(
        model, column_A ~ ' is not distinct from ' ~ column_B, row_condition
    ) }}
{% endtest %}
