{#- The groups, or the whole relation, for which an aggregate condition holds. -#}
{% macro failing_groups(model, failure, group_by_columns) %}
    select
        {% for column in group_by_columns %}{{ column }}, {% endfor %}
        count(*) as row_count
    from {{ model }}
    {% if group_by_columns %}group by {{ group_by_columns | join(', ') }}{% endif %}
    having {{ failure }}
{% endmacro %}
