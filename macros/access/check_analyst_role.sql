{#-
    Stops a run before its first model when ANALYST_ROLE names no role that the marts can be granted to.
-#}
{% macro check_analyst_role() %}
    {%- set role = env_var('ANALYST_ROLE', '') -%}
    {%- if execute and role -%}
        {{ adapter.dispatch('check_analyst_role')(role) }}
    {%- endif -%}
{% endmacro %}

{% macro default__check_analyst_role(role) %} {{ not_written('check_analyst_role') }} {% endmacro %}

{#- no roles -#}
{% macro duckdb__check_analyst_role(role) %}{% endmacro %}

{#- no roles -#}
{% macro spark__check_analyst_role(role) %}{% endmacro %}

{% macro postgres__check_analyst_role(role) %}
    {#- dbt writes the name into its grants as it is -#}
    {%- if not modules.re.fullmatch('[a-z_][a-z0-9_]*', role) -%}
        {{ exceptions.raise_compiler_error(
            'ANALYST_ROLE must be lower-case letters, digits and _, not ' ~ role | tojson
        ) }}
    {%- endif -%}
    {%- if not run_query("select 1 from pg_roles where rolname = '" ~ role ~ "'").rows -%}
        {{ exceptions.raise_compiler_error(
            'ANALYST_ROLE=' ~ role ~ ': PostgreSQL has no such role. Make it once with: create role '
            ~ role ~ ' nologin'
        ) }}
    {%- endif -%}
{% endmacro %}
