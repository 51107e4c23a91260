{#- A whole row as compact JSON text, null columns included: {"order_id":"O1","status":null}. -#}
{% macro record_as_json(record) -%}
    {{ adapter.dispatch('record_as_json')(record) }}
{%- endmacro %}

{% macro default__record_as_json(record) -%} {{ not_written('record_as_json') }} {%- endmacro %}

{% macro duckdb__record_as_json(record) -%}
    cast(to_json({{ record }}) as {{ dbt.type_string() }})
{%- endmacro %}

{% macro postgres__record_as_json(record) -%}
    cast(row_to_json({{ record }}) as {{ dbt.type_string() }})
{%- endmacro %}

{% macro spark__record_as_json(record) -%}
    to_json({{ record }}, map('ignoreNullFields', 'false'))
{%- endmacro %}
