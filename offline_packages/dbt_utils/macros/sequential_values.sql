{#- The smallest value of each group starts its sequence; a null breaks it. -#}
{% test sequential_values(model, column_name, interval=1, datepart=none, group_by_columns=[]) %}
    {%- if datepart is none -%}
        {%- set value = column_name -%}
        {%- set expected_value = 'previous_value + ' ~ interval -%}
    {%- else -%}
        {%- set value -%}
            cast({{ column_name }} as {{ dbt.type_timestamp() }})
        {%- endset -%}
        {%- set expected_value = dbt.dateadd(datepart, interval, 'previous_value') -%}
    {%- endif -%}

    with

    numbered as (

        select
            {% for column in group_by_columns %}{{ column }}, {% endfor %}
            {{ value }} as current_value
        from {{ model }}

    ),

    numbered_with_previous as (

        select
            *,
            lag(current_value) over (
                {% if group_by_columns %}partition by {{ group_by_columns | join(', ') }}{% endif %}
                order by current_value nulls last
            ) as previous_value
        from numbered

    )

    select *
    from numbered_with_previous
    where
        previous_value is not null
        and current_value is distinct from {{ expected_value }}
{% endtest %}
