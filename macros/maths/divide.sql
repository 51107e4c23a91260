{#-
    numerator / denominator as a decimal with `scale` digits, halves rounded away from zero; null
    over zero. Both are counts or decimals with up to six digits after the point.
-#}
{% macro divide(numerator, denominator, scale=2) -%}
    {{ adapter.dispatch('divide')(numerator, denominator, scale) }}
{%- endmacro %}

{% macro default__divide(numerator, denominator, scale) -%} {{ not_written('divide') }} {%- endmacro %}

{#-
    DuckDB divides decimals as binary floats, in which 50.005 may lie just below the half and lose a
    cent. So near a half the division is done in whole numbers, which is exact and slow.
-#}
{% macro duckdb__divide(numerator, denominator, scale) -%}
    {%- set quotient -%}
        cast({{ numerator }} as {{ dbt.type_float() }}) / nullif({{ denominator }}, 0)
    {%- endset -%}
    {%- set steps = 'abs(' ~ quotient ~ ') * ' ~ 10 ** scale -%}
    case
        when {{ steps }} < 1e12 and abs({{ steps }} - floor({{ steps }}) - 0.5) > 0.001
            then cast({{ quotient }} as numeric(18, {{ scale }}))
        else {{ duckdb__divide_in_whole_numbers(numerator, denominator, scale) }}
    end
{%- endmacro %}

{#- (2 x 10^scale x numerator + denominator) / (2 x denominator), rounded down, in steps of 10^-scale. -#}
{% macro duckdb__divide_in_whole_numbers(numerator, denominator, scale) -%}
    {%- set above = 'cast(cast(abs(' ~ numerator ~ ') as numeric(38, 6)) * 1000000 as hugeint)' -%}
    {%- set below = 'cast(cast(abs(' ~ denominator ~ ') as numeric(38, 6)) * 1000000 as hugeint)' -%}
    cast(
        sign({{ numerator }}) * sign({{ denominator }})
        * cast(
            divide({{ 2 * 10 ** scale }} * {{ above }} + {{ below }}, nullif(2 * {{ below }}, 0))
            as numeric(38, 0)
        ) * {{ '%.*f' | format(scale, 10 ** -scale) }}
        as numeric(18, {{ scale }})
    )
{%- endmacro %}

{% macro postgres__divide(numerator, denominator, scale) -%}
    cast(
        cast({{ numerator }} as numeric) / nullif({{ denominator }}, 0) as numeric(18, {{ scale }})
    )
{%- endmacro %}

{#- Spark keeps few digits of a quotient of decimals: whole numbers, as on DuckDB near a half. -#}
{% macro spark__divide(numerator, denominator, scale) -%}
    {%- set above = 'cast(abs(' ~ numerator ~ ') as numeric(28, 6))' -%}
    {%- set below = 'cast(abs(' ~ denominator ~ ') as numeric(28, 6))' -%}
    cast(
        cast(sign({{ numerator }}) * sign({{ denominator }}) as integer)
        * (({{ 2 * 10 ** scale }} * {{ above }} + {{ below }}) div nullif(2 * {{ below }}, 0))
        * {{ '%.*f' | format(scale, 10 ** -scale) }}
        as numeric(18, {{ scale }})
    )
{%- endmacro %}
