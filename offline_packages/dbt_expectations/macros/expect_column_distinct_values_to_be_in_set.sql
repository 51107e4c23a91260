{% test expect_column_distinct_values_to_be_in_set(
    model, column_name, value_set, quote_values=true, row_condition=none
) %}
    select distinct {{ column_name }} as unexpected_value
    from {{ model }}
    where
        not {{ dbt_expectations.is_in_set(column_name, value_set, quote_values) }}
        {% if row_condition %}and ({{ row_condition }}){% endif %}
{% endtest %}
