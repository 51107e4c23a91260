{% test accepted_range(model, column_name, min_value=none, max_value=none, inclusive=true) %}
    {%- if execute and min_value is none and max_value is none -%}
        {{ exceptions.raise_compiler_error('accepted_range needs min_value or max_value') }}
    {%- endif -%}
    {%- set or_equal = '=' if inclusive else '' -%}

    select *
    from {{ model }}
    where
        false
        {% if min_value is not none -%}
        or not ({{ column_name }} >{{ or_equal }} {{ min_value }})
        {%- endif %}
        {% if max_value is not none -%}
        or not ({{ column_name }} <{{ or_equal }} {{ max_value }})
        {%- endif %}
{% endtest %}
