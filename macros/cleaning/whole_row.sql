{#- The row of a relation as one value, which sorts, and which record_as_json takes. -#}
{% macro whole_row(relation) -%}
    {{ adapter.dispatch('whole_row')(relation) }}
{%- endmacro %}

{% macro default__whole_row(relation) -%} {{ not_written('whole_row') }} {%- endmacro %}

{% macro duckdb__whole_row(relation) -%} {{ relation }} {%- endmacro %}

{% macro postgres__whole_row(relation) -%} {{ relation }} {%- endmacro %}

{% macro spark__whole_row(relation) -%} struct({{ relation }}.*) {%- endmacro %}
