{#-
    The quantile of the standard normal distribution at a probability between 0 and 1, to 4.5e-4
    (Abramowitz & Stegun 26.2.23).
-#}
{% macro normal_quantile(probability) -%}
    {%- set tail = 'sqrt(-2 * ln(greatest(least(' ~ probability ~ ', 1 - (' ~ probability ~ ')), 1e-15)))' -%}
    (
        sign(({{ probability }}) - 0.5) * (
            {{ tail }} - (2.515517 + 0.802853 * {{ tail }} + 0.010328 * power({{ tail }}, 2))
            / (1 + 1.432788 * {{ tail }} + 0.189269 * power({{ tail }}, 2)
            + 0.001308 * power({{ tail }}, 3))
        )
    )
{%- endmacro %}
