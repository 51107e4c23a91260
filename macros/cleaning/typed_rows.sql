{#-
    CTEs that end in `typed`: every raw row of an entity with each column of the contract read as
    its type, and
      contract_violation  what is wrong with a required column, null where nothing is: 'missing <c>',
                          'unreadable <c>', 'out of range <c>' or 'negative <c>'; keys are judged
                          first, then the other columns in the contract's order
      invalid_columns     names of the optional columns whose value could not be used and is null
      raw_record          the raw row as a whole
      has_copies          whether another row has the same key
    The CTEs are not materialized: base_rows reads the rows with copies and the others apart, and to
    compute the few again is cheaper than to keep all of them in between.
-#}
{% macro typed_rows(entity) %}
{%- set contract = raw_contract(entity) if execute else {'columns': {}, 'key': []} -%}
{%- set required = contract.columns.items() | selectattr('1.is_required') | list -%}
{%- set optional = contract.columns.items() | rejectattr('1.is_required') | list -%}
raw_rows as {{ not_materialized() }} (

    select * from {{ raw(entity) }} as contract_rows

),

{% if contract.key -%}
keys_with_copies as (

    select
    {%- for name in contract.key %}
        {{ raw_key(name, contract) }} as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
    from raw_rows
    group by {{ range(1, contract.key | length + 1) | join(', ') }}
    having count(*) > 1

),

{% endif -%}
trimmed as {{ not_materialized() }} (

    select
    {%- for name in contract.columns %}
        {{ clean_text('raw_rows.' ~ name) }} as {{ name }},
    {%- endfor %}
        {{ whole_row('raw_rows') }} as raw_record,
    {%- if contract.key %}
        keys_with_copies.{{ contract.key[0] }} is not null as has_copies
    from raw_rows
    left join keys_with_copies
        on
    {%- for name in contract.key %}
            {{ raw_key(name, contract) }} = keys_with_copies.{{ name }}{{ ' and' if not loop.last }}
    {%- endfor %}
    {%- else %}
        false as has_copies
    from raw_rows
    {%- endif %}

),

readable as {{ not_materialized() }} (

    select
    {%- for name, rule in contract.columns.items() %}
        trimmed.{{ name }} as {{ name }}_text,
        {{ read_as('trimmed.' ~ name, rule.type) }} as {{ name }},
    {%- endfor %}
        trimmed.raw_record,
        trimmed.has_copies
    from trimmed

),

typed as {{ not_materialized() }} (

    select
    {%- for name, rule in required %}
        {{ as_type('readable.' ~ name, rule.type) }} as {{ name }},
    {%- endfor %}
    {%- for name, rule in optional %}
        {%- set in_range = is_in_range('readable.' ~ name, rule) %}
        {%- set value = 'case when ' ~ in_range ~ ' then readable.' ~ name ~ ' end' if in_range else 'readable.' ~ name %}
        {{ as_type(value, rule.type) }} as {{ name }},
    {%- endfor %}
        case
        {%- for name in contract.key %}
            when readable.{{ name }}_text is null then 'missing {{ name }}'
        {%- endfor %}
        {%- for name, rule in required %}
            {%- if name not in contract.key %}
            when readable.{{ name }}_text is null then 'missing {{ name }}'
            {%- endif %}
            {%- if rule.type != 'text' %}
            when readable.{{ name }} is null then 'unreadable {{ name }}'
            {%- endif %}
            {%- if rule.minimum == 0 %}
            when readable.{{ name }} < 0 then 'negative {{ name }}'
            {%- endif %}
            {%- if is_in_range('readable.' ~ name, rule) %}
            when not ({{ is_in_range('readable.' ~ name, rule) }}) then 'out of range {{ name }}'
            {%- endif %}
        {%- endfor %}
        end as contract_violation,
        nullif(concat_ws(
            ', ',
        {%- for name, rule in optional if rule.type != 'text' %}
            case
                when
                    readable.{{ name }}_text is not null
                    and not coalesce({{ is_in_range('readable.' ~ name, rule) or 'readable.' ~ name ~ ' is not null' }}, false)
                    then '{{ name }}'
            end,
        {%- endfor %}
            null
        ), '') as invalid_columns,
        readable.raw_record,
        readable.has_copies
    from readable

)
{%- endmacro %}


{#- A column of an entity's key, typed straight from the raw row. -#}
{% macro raw_key(name, contract) -%}
    {{ read_as(clean_text('raw_rows.' ~ name), contract.columns[name].type) }}
{%- endmacro %}


{#- The condition that a typed value keeps the limits of its column; empty where it has none. -#}
{% macro is_in_range(value, rule) -%}
    {%- set conditions = [] -%}
    {%- if rule.type in ['date', 'timestamp'] -%}
        {%- do conditions.append(
            'cast(' ~ value ~ " as date) between cast('" ~ var('earliest_valid_date')
            ~ "' as date) and cast('" ~ var('latest_valid_date') ~ "' as date)"
        ) -%}
    {%- endif -%}
    {%- if rule.minimum is not none -%}
        {%- do conditions.append(value ~ ' >= ' ~ rule.minimum) -%}
    {%- endif -%}
    {%- if rule.maximum is not none -%}
        {%- do conditions.append(value ~ ' <= ' ~ rule.maximum) -%}
    {%- endif -%}
    {{- conditions | join(' and ') -}}
{%- endmacro %}


{#- PostgreSQL forgets precision and scale of a number that went through a case. -#}
{% macro as_type(value, type) -%}
    {%- if type.startswith('numeric') -%} cast({{ value }} as {{ type }}) {%- else -%} {{ value }} {%- endif -%}
{%- endmacro %}
