{#- What the default__ of every dispatched macro does: an engine without its own SQL is told so by name. -#}
{% macro not_written(name) -%}
    {{ exceptions.raise_compiler_error('The macro ' ~ name ~ ' is not written for ' ~ adapter.type()) }}
{%- endmacro %}
