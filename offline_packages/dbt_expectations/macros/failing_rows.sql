{#- The rows for which a condition is false; an unknown (null) result is no failure. -#}
{% macro failing_rows(model, condition, row_condition) %}
    select *
    from {{ model }}
    where
        not ({{ condition }})
        {% if row_condition %}and ({{ row_condition }}){% endif %}
{% endmacro %}
