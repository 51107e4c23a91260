{#-
    The number of standard deviations that a share of a normal distribution lies below: 0.95 gives
    1.645. Rational approximation of P. J. Acklam, relative error below 1.2e-9; for shares from 0.5.
-#}
{% macro normal_quantile(share) -%}
    {%- if share <= 0.97575 -%}
        {%- set q = share - 0.5 -%}
        {%- set r = q * q -%}
        {%- set upper = (((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r
            + 138.3577518672690) * r - 30.66479806614716) * r + 2.506628277459239) * q -%}
        {%- set lower = ((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r
            + 66.80131188771972) * r - 13.28068155288572) * r + 1 -%}
        cast({{ upper / lower }} as double precision)
    {%- else -%}
        {%- set q = 'sqrt(-2 * ln(cast(' ~ (1 - share) ~ ' as double precision)))' -%}
        (
            -(((((-0.007784894002430293 * {{ q }} - 0.3223964580411365) * {{ q }}
            - 2.400758277161838) * {{ q }} - 2.549732539343734) * {{ q }}
            + 4.374664141464968) * {{ q }} + 2.938163982698783)
            / ((((0.007784695709041462 * {{ q }} + 0.3224671290700398) * {{ q }}
            + 2.445134137142996) * {{ q }} + 3.754408661907416) * {{ q }} + 1)
        )
    {%- endif -%}
{%- endmacro %}
