{#- On a column the expression is what follows its name. An unknown (null) result passes. -#}
{% test expression_is_true(model, expression, column_name=none) %}
    select *
    from {{ model }}
    where not ({{ column_name or '' }} {{ expression }})
{% endtest %}
