{#-
    A binary float as a decimal with `scale` digits, the same on every engine: halves, which are
    rarely exact in binary, are made so by rounding to eight digits first.
-#}
{% macro as_decimal(value, scale=2) -%}
    cast(cast({{ value }} as numeric(28, 8)) as numeric(18, {{ scale }}))
{%- endmacro %}
