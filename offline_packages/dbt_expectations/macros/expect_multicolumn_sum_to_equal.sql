{#- Missing values add nothing. -#}
{% test expect_multicolumn_sum_to_equal(
    model, column_list, sum_total, group_by=none, row_condition=none
) %}
    {%- set sums = [] -%}
    {%- for column in column_list -%}
        {%- do sums.append('coalesce(sum(' ~ column ~ '), 0)') -%}
    {%- endfor -%}
    {%- set total = sums | join(' + ') -%}
    {{ dbt_expectations.failing_aggregates(
        model, total, total ~ ' = ' ~ sum_total, group_by, row_condition
    ) }}
{% endtest %}
