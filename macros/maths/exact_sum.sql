{#-
    The sum of binary floats, the same in whatever order the engine's threads add them: as decimals of
    `scale` digits, which add without rounding. Values stay below 10^(38 − scale). `over` makes it the
    sum of a window.
-#}
{% macro exact_sum(value, scale=15, over=none) -%}
    cast(
        sum(cast({{ value }} as numeric(38, {{ scale }})))
        {{- ' over (' ~ over ~ ')' if over is not none }} as {{ dbt.type_float() }}
    )
{%- endmacro %}
