{#- Every value, null included, must occur as often here as there. -#}
{% test cardinality_equality(model, column_name, to, field) %}
    select
        value,
        sum(occurrences) as surplus
    from (
        select {{ column_name }} as value, count(*) as occurrences
        from {{ model }}
        group by {{ column_name }}
        union all
        select {{ field }} as value, -count(*) as occurrences
        from {{ to }}
        group by {{ field }}
    ) as counted
    group by value
    having sum(occurrences) <> 0
{% endtest %}
