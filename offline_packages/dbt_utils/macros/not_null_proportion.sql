{% test not_null_proportion(model, column_name, at_least, at_most=1.0, group_by_columns=[]) %}
    {%- set proportion -%}
        cast(count({{ column_name }}) as {{ dbt.type_float() }}) / nullif(count(*), 0)
    {%- endset -%}
    {{ dbt_utils.failing_groups(
        model,
        'not (' ~ proportion ~ ' between ' ~ at_least ~ ' and ' ~ at_most ~ ')',
        group_by_columns
    ) }}
{% endtest %}
