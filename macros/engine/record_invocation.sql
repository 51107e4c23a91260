{#-
    Notes in the warehouse which call of dbt touched it last, before that call changes anything. A build
    that failed or was killed is thereby told from the one that dbt's run_results.json describes, and
    scripts/publish.py publishes no other. On PostgreSQL dbt can also be let loose on the schemas that
    readers read: what was published there is then no longer what quality.publication says.
-#}
{% macro record_invocation() -%}
    {%- set prefix = env_var('SCHEMA_PREFIX', '') -%}
    {%- set schema = prefix ~ 'raw' -%}
    {%- if execute and not adapter.check_schema_exists(target.database, schema) -%}
        {%- do adapter.create_schema(api.Relation.create(database=target.database, schema=schema)) -%}
    {%- endif -%}
    create table if not exists {{ schema }}.last_invocation (invocation_id text);
    delete from {{ schema }}.last_invocation;
    insert into {{ schema }}.last_invocation (invocation_id) values ('{{ invocation_id }}');
    {%- if execute and flags.WHICH in ('build', 'run', 'seed', 'snapshot', 'clone')
            and adapter.get_relation(target.database, prefix ~ 'quality', 'publication') %}
    update {{ prefix }}quality.publication set published_at = null;
    {%- endif %}
{%- endmacro %}
