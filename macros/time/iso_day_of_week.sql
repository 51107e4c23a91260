{#- The day of the week of a date by ISO 8601: 1 is Monday, 7 is Sunday. -#}
{% macro iso_day_of_week(date) -%}
    {{ adapter.dispatch('iso_day_of_week')(date) }}
{%- endmacro %}

{% macro default__iso_day_of_week(date) -%} {{ not_written('iso_day_of_week') }} {%- endmacro %}

{% macro duckdb__iso_day_of_week(date) -%}
    cast(extract(isodow from {{ date }}) as integer)
{%- endmacro %}

{% macro postgres__iso_day_of_week(date) -%}
    cast(extract(isodow from {{ date }}) as integer)
{%- endmacro %}

{% macro spark__iso_day_of_week(date) -%}
    cast(extract(dayofweek_iso from {{ date }}) as integer)
{%- endmacro %}
