{#-
    The rows of one entity of the raw contract, wherever they come from: a subquery with every
    column of the contract, in its order, as text exactly as delivered. Columns the source lacks are
    null; an entity the source lacks has no rows. No other macro or model knows the source.
-#}
{% macro raw(entity) %}
    {%- set relation = raw_relation(entity) -%}
    {%- if not execute -%}
        (select 1)
    {%- else -%}
        {%- set found = find_raw(entity, relation) -%}
        {%- if found.problems -%}
            {{ exceptions.raise_compiler_error(found.problems | join('\n')) }}
        {%- endif -%}
        {{ rows_as_text(found, raw_contract(entity).columns.keys()) }}
    {%- endif -%}
{% endmacro %}


{#- The relation that holds an entity; none where the source system does not offer the entity. -#}
{% macro raw_relation(entity) %}
    {%- set system = var('source_system') -%}
    {%- if system == 'seeds' -%}
        {{ return(ref('raw_' ~ entity)) }}
    {%- elif system == 'landed' -%}
        {{ return(source('landed', 'raw_' ~ entity)) }}
    {%- elif entity in var('source_entities').get(system, []) -%}
        {{ return(ref(system ~ '__' ~ entity)) }}
    {%- endif -%}
    {{ return(none) }}
{% endmacro %}


{#-
    The rows of the one file (DuckDB: raw_path) or table (elsewhere: in raw_schema) of a source
    system with its own models: the named columns as text, under lower-case names. All must exist.
-#}
{% macro source_rows(source_name, table_name, columns) %}
    {%- set relation = source(source_name, table_name) -%}
    {%- if not execute -%}
        (select 1)
    {%- else -%}
        {%- set table = find_source(relation) -%}
        {%- set found = find_columns(table_name, table.reader, table.place, columns) -%}
        {%- if found.problems -%}
            {{ exceptions.raise_compiler_error(found.problems | join('\n')) }}
        {%- endif -%}
        {{ rows_as_text(found, columns) }}
    {%- endif -%}
{% endmacro %}


{#- A subquery over what find_columns found; the columns asked for as text, null where there is none. -#}
{% macro rows_as_text(found, columns) -%}
    (
        select
        {%- for column in columns %}
            {% if column in found.columns -%}
            cast({{ adapter.quote(found.columns[column]) }} as {{ dbt.type_string() }})
            {%- else -%}
            cast(null as {{ dbt.type_string() }})
            {%- endif %}{{ binary_collation() }} as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
        {% if found.reader -%} from {{ found.reader }} {%- else -%} where false {%- endif %}
    )
{%- endmacro %}
