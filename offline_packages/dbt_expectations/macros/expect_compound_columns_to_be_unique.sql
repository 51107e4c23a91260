{% test expect_compound_columns_to_be_unique(
    model,
    column_list,
    ignore_row_if='all_values_are_missing',
    quote_columns=false,
    row_condition=none
) %}
    {%- set columns = [] -%}
    {%- for column in column_list -%}
        {%- do columns.append(adapter.quote(column) if quote_columns else column) -%}
    {%- endfor -%}
    {{ dbt_expectations.duplicated_columns(model, columns, ignore_row_if, row_condition) }}
{% endtest %}
