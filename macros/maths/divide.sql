{#-
    numerator / denominator as a decimal with `scale` digits, halves rounded away from zero; null
    over zero. DuckDB divides decimals as binary floats, in which 50.005 may lie just below the half,
    so the quotient is nudged outwards by what a double can be wrong before it is rounded: both engines
    give the same digits.
-#}
{% macro divide(numerator, denominator, scale=2) -%}
    {{ adapter.dispatch('divide')(numerator, denominator, scale) }}
{%- endmacro %}

{% macro default__divide(numerator, denominator, scale) -%}
    cast(
        cast({{ numerator }} as double precision) / nullif({{ denominator }}, 0) * (1 + 1e-15)
        as numeric(18, {{ scale }})
    )
{%- endmacro %}

{% macro postgres__divide(numerator, denominator, scale) -%}
    cast(
        cast({{ numerator }} as numeric) / nullif({{ denominator }}, 0) as numeric(18, {{ scale }})
    )
{%- endmacro %}
