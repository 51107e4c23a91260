{#- Ranges are ordered by their bounds, each is held against the next; a missing bound fails. -#}
{% test mutually_exclusive_ranges(
    model,
    lower_bound_column,
    upper_bound_column,
    partition_by=none,
    gaps='allowed',
    zero_length_range_allowed=false
) %}
    {%- set gap_operators = {'allowed': '<=', 'not_allowed': '=', 'required': '<'} -%}
    {%- if execute and gaps not in gap_operators -%}
        {{ exceptions.raise_compiler_error(
            'mutually_exclusive_ranges: gaps is one of ' ~ gap_operators.keys() | join(', ')
            ~ ', not ' ~ gaps
        ) }}
    {%- endif -%}

    with

    ranges as (

        select
            {% if partition_by %}{{ partition_by }} as partition_key,{% endif %}
            {{ lower_bound_column }} as lower_bound,
            {{ upper_bound_column }} as upper_bound
        from {{ model }}

    ),

    ranges_with_next as (

        select
            *,
            lead(lower_bound) over (
                {% if partition_by %}partition by partition_key{% endif %}
                order by lower_bound nulls last, upper_bound nulls last
            ) as next_lower_bound
        from ranges

    )

    select *
    from ranges_with_next
    where
        lower_bound is null
        or upper_bound is null
        or not (lower_bound {{ '<=' if zero_length_range_allowed else '<' }} upper_bound)
        or not (upper_bound {{ gap_operators.get(gaps) }} next_lower_bound)
{% endtest %}
