{#-
    Probability of a chi-square larger than this at one degree of freedom: erfc(sqrt(x / 2)), by the
    Chebyshev fit of Numerical Recipes (Press et al., section 6.2), within 1.2e-7 of the true value.
    Beyond 1370, where the exponential underflows, it is 0.
-#}
{% macro chi_square_p_value(chi_square) -%}
    {%- set z = 'sqrt(' ~ chi_square ~ ' / 2)' -%}
    {%- set t = '(1 / (1 + ' ~ z ~ ' / 2))' -%}
    {%- set coefficients = [
        -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196,
        1.00002368,
    ] -%}
    {%- set polynomial = namespace(sql='0.17087277') -%}
    {%- for coefficient in coefficients -%}
        {%- set polynomial.sql = coefficient ~ ' + ' ~ t ~ ' * (' ~ polynomial.sql ~ ')' -%}
    {%- endfor -%}
    case
        when {{ chi_square }} > 1370 then 0
        else {{ t }} * exp(-{{ chi_square }} / 2 - 1.26551223 + {{ t }} * ({{ polynomial.sql }}))
    end
{%- endmacro %}
