{#- While dbt parses, and where the relation does not exist yet, the answer is a plain star. -#}
{% macro star(
    from,
    relation_alias='',
    except=[],
    prefix='',
    suffix='',
    quote_identifiers=true,
    unquote_aliases=false,
    rename={}
) %}
    {%- set columns = adapter.get_columns_in_relation(from) if execute else [] -%}
    {%- if not columns -%}
        {{ return(relation_alias ~ '.*' if relation_alias else '*') }}
    {%- endif -%}

    {%- set excluded = except | map('lower') | list -%}
    {%- set renamed = {} -%}
    {%- for name, alias in rename.items() -%}
        {%- do renamed.update({name | lower: alias}) -%}
    {%- endfor -%}

    {%- set fields = [] -%}
    {%- for column in columns if column.name | lower not in excluded -%}
        {%- set alias = prefix ~ column.name ~ suffix -%}
        {%- set field = [
            relation_alias ~ '.' if relation_alias else '',
            adapter.quote(column.name) if quote_identifiers else column.name,
        ] | join -%}
        {%- if column.name | lower in renamed -%}
            {%- set field = field ~ ' as ' ~ renamed[column.name | lower] -%}
        {%- elif alias != column.name or unquote_aliases -%}
            {%- set is_quoted = quote_identifiers and not unquote_aliases -%}
            {%- set field = field ~ ' as ' ~ (adapter.quote(alias) if is_quoted else alias) -%}
        {%- endif -%}
        {%- do fields.append(field) -%}
    {%- endfor -%}

    {%- if not fields -%}
        {{ exceptions.raise_compiler_error('star: every column of ' ~ from ~ ' is excluded') }}
    {%- endif -%}
    {{ return(fields | join(',\n    ')) }}
{% endmacro %}
