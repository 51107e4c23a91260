{#- Rows count: one that occurs twice here must occur twice there. -#}
{% test equality(
    model, compare_model, compare_columns=none, exclude_columns=none, precision=none
) %}
    {%- set excluded = (exclude_columns or []) | map('lower') | list -%}
    {%- set included = (compare_columns or []) | map('lower') | list -%}
    {%- set fractional_types = ('numeric', 'decimal', 'double', 'float', 'real') -%}
    {%- set fields = [] -%}
    {%- if execute -%}
        {%- for column in get_column_schema_from_query('select * from ' ~ model) -%}
            {%- set name = column.name | lower -%}
            {%- if name not in excluded and (not included or name in included) -%}
                {%- set field = adapter.quote(column.name) -%}
                {%- set is_fractional = (column.data_type | lower).startswith(fractional_types) -%}
                {%- if precision is not none and is_fractional -%}
                    {%- set rounded = 'cast(' ~ field ~ ' as numeric(28, ' ~ precision ~ '))' -%}
                    {%- set field = rounded ~ ' as ' ~ field -%}
                {%- endif -%}
                {%- do fields.append(field) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set columns = fields | join(', ') or '*' -%}

    with

    here as (

        select {{ columns }} from {{ model }}

    ),

    there as (

        select {{ columns }} from {{ compare_model }}

    ),

    only_here as (

        select * from here
        except all
        select * from there

    ),

    only_there as (

        select * from there
        except all
        select * from here

    )

    select 'only in the model' as found, only_here.* from only_here
    union all
    select 'only in compare_model' as found, only_there.* from only_there
{% endtest %}
