{#-
    Notes in the warehouse which call of dbt touched it last, before that call changes anything. A build
    that failed or was killed is thereby told from the one that dbt's run_results.json describes, and
    scripts/publish.py publishes no other.
-#}
{% macro record_invocation() -%}
    {%- set schema = env_var('SCHEMA_PREFIX', '') ~ 'raw' -%}
    {%- if execute and not adapter.check_schema_exists(target.database, schema) -%}
        {%- do adapter.create_schema(api.Relation.create(database=target.database, schema=schema)) -%}
    {%- endif -%}
    create table if not exists {{ schema }}.last_invocation (invocation_id text);
    delete from {{ schema }}.last_invocation;
    insert into {{ schema }}.last_invocation (invocation_id) values ('{{ invocation_id }}');
{%- endmacro %}
