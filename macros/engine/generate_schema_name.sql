{#- Schemas read like the repository (raw, staging, analytics …); SCHEMA_PREFIX goes in front. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ env_var('SCHEMA_PREFIX', '') }}{{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
