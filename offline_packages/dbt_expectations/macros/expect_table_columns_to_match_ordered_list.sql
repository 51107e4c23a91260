{% test expect_table_columns_to_match_ordered_list(model, column_list, transform='upper') %}
    {%- set found = dbt_expectations.column_names(model, transform) -%}
    {%- set expected = column_list | map(transform) | list -%}
    {{ dbt_expectations.rows_of_names(
        [found | join(', ')] if execute and found != expected else []
    ) }}
{% endtest %}
