{#-
    Notes in the warehouse which call of dbt touched it last, before that call changes anything. A build
    that failed or was killed is thereby told from the one that dbt's run_results.json describes, and
    scripts/publish.py publishes no other. On PostgreSQL dbt can also be let loose on the schemas that
    readers read: what was published there is then no longer what quality.publication says.
-#}
{% macro record_invocation() -%}
    {{ adapter.dispatch('record_invocation')(env_var('SCHEMA_PREFIX', '')) }}
{%- endmacro %}

{% macro default__record_invocation(prefix) -%} {{ not_written('record_invocation') }} {%- endmacro %}

{% macro duckdb__record_invocation(prefix) -%}
    {%- set schema = prefix ~ 'raw' -%}
    {%- if execute and not adapter.check_schema_exists(target.database, schema) -%}
        {%- do adapter.create_schema(api.Relation.create(database=target.database, schema=schema)) -%}
    {%- endif -%}
    create table if not exists {{ schema }}.last_invocation (invocation_id {{ dbt.type_string() }});
    delete from {{ schema }}.last_invocation;
    insert into {{ schema }}.last_invocation (invocation_id) values ('{{ invocation_id }}');
{%- endmacro %}

{% macro postgres__record_invocation(prefix) -%}
    {{ duckdb__record_invocation(prefix) }}
    {%- if execute and flags.WHICH in ('build', 'run', 'seed', 'snapshot', 'clone')
            and adapter.get_relation(target.database, prefix ~ 'quality', 'publication') %}
    update {{ prefix }}quality.publication set published_at = null;
    {%- endif %}
{%- endmacro %}

{#- A hook is one statement there. -#}
{% macro spark__record_invocation(prefix) -%}
    {%- set schema = prefix ~ 'raw' -%}
    {%- if execute -%}
        {%- do run_query('create schema if not exists ' ~ schema) -%}
        {%- do run_query(
            'create table if not exists ' ~ schema ~ '.last_invocation (invocation_id string)'
        ) -%}
    {%- endif -%}
    insert overwrite {{ schema }}.last_invocation values ('{{ invocation_id }}')
{%- endmacro %}
