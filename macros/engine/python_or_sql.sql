{#- The relation of a Python model where the engine runs them, that of its SQL counterpart elsewhere. -#}
{% macro python_or_sql(python_model, sql_model) %}
    {{ return(adapter.dispatch('python_or_sql')(python_model, sql_model)) }}
{% endmacro %}

{% macro default__python_or_sql(python_model, sql_model) %} {{ not_written('python_or_sql') }} {% endmacro %}

{% macro duckdb__python_or_sql(python_model, sql_model) %} {{ return(ref(python_model)) }} {% endmacro %}

{% macro postgres__python_or_sql(python_model, sql_model) %} {{ return(ref(sql_model)) }} {% endmacro %}

{% macro spark__python_or_sql(python_model, sql_model) %} {{ return(ref(sql_model)) }} {% endmacro %}
