{#- Whether the engine reads raw data from files below raw_path; otherwise it was loaded into tables. -#}
{% macro reads_files() %}
    {{ return(adapter.dispatch('reads_files')()) }}
{% endmacro %}

{% macro default__reads_files() %} {{ not_written('reads_files') }} {% endmacro %}

{% macro duckdb__reads_files() %} {{ return(true) }} {% endmacro %}

{% macro postgres__reads_files() %} {{ return(false) }} {% endmacro %}

{% macro spark__reads_files() %} {{ return(false) }} {% endmacro %}
