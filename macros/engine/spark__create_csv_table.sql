{#- Overrides dbt's DDL for seeds on Spark, which has no type by the name of text. -#}
{% macro spark__create_csv_table(model, agate_table) %}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- for column, type in types.items() if type == 'text' -%}
        {%- do types.update({column: dbt.type_string()}) -%}
    {%- endfor -%}
    {{ return(dbt.spark__create_csv_table(model, agate_table)) }}
{% endmacro %}
