{#-
    dbt grants tables, but a role must also be let into their schema. Where SCHEMA_PREFIX ends in build_
    the marts are still to be published, grants and all: the schema people will find them in is meant.
-#}
{% macro grant_usage_to_analyst(schemas) -%}
    {%- set role = env_var('ANALYST_ROLE', '') -%}
    {%- if role and generate_schema_name('analytics') in schemas -%}
        {{ adapter.dispatch('grant_usage_to_analyst')(role) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__grant_usage_to_analyst(role) -%} {{ not_written('grant_usage_to_analyst') }} {%- endmacro %}

{#- no roles -#}
{% macro duckdb__grant_usage_to_analyst(role) -%} {%- endmacro %}

{#- no roles -#}
{% macro spark__grant_usage_to_analyst(role) -%} {%- endmacro %}

{% macro postgres__grant_usage_to_analyst(role) -%}
    {%- set public_prefix = modules.re.sub('build_$', '', env_var('SCHEMA_PREFIX', '')) -%}
    {%- set schema = adapter.quote(public_prefix ~ 'analytics') -%}
    create schema if not exists {{ schema }};
    grant usage on schema {{ schema }} to {{ role }}
{%- endmacro %}
