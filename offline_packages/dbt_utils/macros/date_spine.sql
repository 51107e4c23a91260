{#- dbt itself ships this spine; the column is called date_<datepart>. -#}
{% macro date_spine(datepart, start_date, end_date) %}
    {{ dbt.date_spine(datepart, start_date, end_date) }}
{% endmacro %}
