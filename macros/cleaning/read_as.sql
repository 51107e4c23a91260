{#-
    Reads trimmed text as a type of the raw contract; null where it is not readable. The same texts
    are readable on every engine: each form is checked by a pattern before an engine casts it.
      text             as it is
      integer          whole numbers, also 3.0 and 3e2
      numeric(p, s)    decimal point, optional sign and exponent, no thousands separator or currency
      date, timestamp  ISO 8601: YYYY-MM-DD, optionally with [T ]HH:MM[:SS[.fraction]]; an offset after
                       the seconds (Z, UTC, +02, +02:00) is converted to UTC; digits beyond
                       microseconds are cut
-#}
{% macro read_as(text, type) -%}
    {%- if type == 'text' -%}
        {{ text }}
    {%- elif type == 'integer' -%}
        {{ read_as_integer(text) }}
    {%- elif type.startswith('numeric') -%}
        {{ read_as_number(text, type) }}
    {%- elif type == 'date' -%}
        cast({{ read_as_timestamp(text) }} as date)
    {%- elif type == 'timestamp' -%}
        {{ read_as_timestamp(text) }}
    {%- else -%}
        {{ exceptions.raise_compiler_error('read_as: the raw contract has no type ' ~ type) }}
    {%- endif -%}
{%- endmacro %}


{#- Up to 12 digits before the decimal point, so that no cast and no sum can overflow. -#}
{% macro read_as_number(text, type) -%}
    case
        when {{ matches(text, '^[+-]?([0-9]{1,12}([.][0-9]*)?|[.][0-9]+)$') }}
            then cast({{ text }} as {{ type }})
        when {{ matches(
            text, '^[+-]?[0-9]([.][0-9]*)?[eE]([+]?0?[0-9]|[+]?1[01]|-[0-9]{1,2})$'
        ) }}
            then cast(cast({{ text }} as {{ dbt.type_float() }}) as {{ type }})
    end
{%- endmacro %}


{% macro read_as_integer(text) -%}
    case
        when {{ matches(text, '^[+-]?[0-9]{1,9}([.]0*)?$') }}
            then cast(cast({{ text }} as numeric(16, 2)) as integer)
        when {{ matches(text, '^[+-]?[0-9][eE][+]?0?[0-8]$') }}
            then cast(cast({{ text }} as {{ dbt.type_float() }}) as integer)
    end
{%- endmacro %}


{% macro read_as_timestamp(text) -%}
    {{ adapter.dispatch('read_as_timestamp')(text) }}
{%- endmacro %}

{% macro timestamp_pattern() -%}
    ^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?( ?(Z|UTC|[+-](0[0-9]|1[0-4])(:[0-5][0-9])?))?)?)?$
{%- endmacro %}

{% macro has_offset(text) -%}
    {{ matches(text, '^.{19}.*(Z|C|[+-][0-9:]+)$') }}
{%- endmacro %}

{#- DuckDB and PostgreSQL disagree on rounding nanoseconds, Spark cuts them itself. -#}
{% macro to_microseconds(text) -%}
    regexp_replace({{ text }}, '([.][0-9]{6})[0-9]+', '\1')
{%- endmacro %}

{% macro default__read_as_timestamp(text) -%} {{ not_written('read_as_timestamp') }} {%- endmacro %}

{% macro duckdb__read_as_timestamp(text) -%}
    case
        when {{ matches(text, timestamp_pattern()) }} and {{ text }} not like '0000%'
            then case
                when length({{ text }}) <= 19 then try_cast({{ text }} as timestamp)
                when {{ has_offset(text) }}
                    then try_cast({{ to_microseconds(text) }} as timestamptz) at time zone 'UTC'
                else try_cast({{ to_microseconds(text) }} as timestamp)
            end
    end
{%- endmacro %}

{#- PostgreSQL has no try_cast before version 16's pg_input_is_valid: 30 February is caught by hand. -#}
{% macro postgres__read_as_timestamp(text) -%}
    case
        when {{ matches(text, timestamp_pattern()) }} and {{ text }} not like '0000%'
            then case
                when
                    cast(substring({{ text }}, 9, 2) as integer) > extract(
                        day from make_date(
                            cast(substring({{ text }}, 1, 4) as integer),
                            cast(substring({{ text }}, 6, 2) as integer),
                            1
                        ) + interval '1 month' - interval '1 day'
                    )
                    then null
                when {{ has_offset(text) }}
                    then cast({{ to_microseconds(text) }} as timestamptz) at time zone 'UTC'
                else cast({{ to_microseconds(text) }} as timestamp)
            end
    end
{%- endmacro %}

{#- Without an offset Spark takes the time for one of the session's time zone, which must be UTC. -#}
{% macro spark__read_as_timestamp(text) -%}
    case
        when {{ matches(text, timestamp_pattern()) }} and {{ text }} not like '0000%'
            then try_cast({{ text }} as timestamp)
    end
{%- endmacro %}
