{#- Stops a run before its first model when landed tables break the raw contract. -#}
{% macro check_raw() %}
    {%- if execute and var('source_system') == 'landed' -%}
        {%- set problems = [] -%}
        {%- for entity in raw_entities() -%}
            {%- do problems.extend(find_raw(entity, raw_relation(entity)).problems) -%}
        {%- endfor -%}
        {%- if problems -%}
            {{ exceptions.raise_compiler_error(problems | join('\n')) }}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
