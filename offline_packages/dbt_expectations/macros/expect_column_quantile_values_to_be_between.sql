{% test expect_column_quantile_values_to_be_between(
    model,
    column_name,
    quantile,
    min_value=none,
    max_value=none,
    group_by=none,
    row_condition=none,
    strictly=false
) %}
    {{ dbt_expectations.failing_aggregates_outside(
        model,
        'percentile_cont(' ~ quantile ~ ') within group (order by ' ~ column_name ~ ')',
        min_value,
        max_value,
        group_by,
        row_condition,
        strictly
    ) }}
{% endtest %}
