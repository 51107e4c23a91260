{#- Whether a text is one of a list of texts, which may be empty: in () is no SQL. -#}
{% macro is_among(expression, texts) -%}
    {%- if texts -%} {{ expression }} in ({{ quoted_list(texts) }}) {%- else -%} false {%- endif -%}
{%- endmacro %}
