{#- Distinct values over values; nulls are on neither side. -#}
{% test expect_column_proportion_of_unique_values_to_be_between(
    model,
    column_name,
    min_value=none,
    max_value=none,
    group_by=none,
    row_condition=none,
    strictly=false
) %}
    {%- set proportion -%}
        cast(count(distinct {{ column_name }}) as {{ dbt.type_float() }})
        / nullif(count({{ column_name }}), 0)
    {%- endset -%}
    {{ dbt_expectations.failing_aggregates_outside(
        model, proportion, min_value, max_value, group_by, row_condition, strictly
    ) }}
{% endtest %}
