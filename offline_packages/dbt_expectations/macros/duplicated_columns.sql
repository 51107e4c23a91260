{#- Combinations that occur more than once; `ignore_row_if` says which rows with nulls stay out. -#}
{% macro duplicated_columns(model, columns, ignore_row_if, row_condition) %}
    {%- set joiners = {'all_values_are_missing': ' or ', 'any_value_is_missing': ' and '} -%}
    {%- if execute and ignore_row_if not in joiners -%}
        {{ exceptions.raise_compiler_error(
            'ignore_row_if is one of ' ~ joiners.keys() | join(', ') ~ ', not ' ~ ignore_row_if
        ) }}
    {%- endif -%}
    {%- set is_counted = [] -%}
    {%- for column in columns -%}
        {%- do is_counted.append(column ~ ' is not null') -%}
    {%- endfor -%}

    select
        {{ columns | join(', ') }},
        count(*) as row_count
    from {{ model }}
    where
        ({{ is_counted | join(joiners.get(ignore_row_if)) }})
        {% if row_condition %}and ({{ row_condition }}){% endif %}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endmacro %}
