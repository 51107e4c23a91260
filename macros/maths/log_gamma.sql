{#-
    The logarithm of the gamma function of a positive number: Stirling's series at z + 7, brought back
    by the product z (z + 1) … (z + 6). Good to 1e-10. Own SQL, because PostgreSQL before 18 and Spark
    have no lgamma and because all engines should give the same digits.
-#}
{% macro log_gamma(z) -%}
    (
        (({{ z }}) + 6.5) * ln(({{ z }}) + 7) - (({{ z }}) + 7) + 0.918938533204672742
        + 1 / (12 * (({{ z }}) + 7)) - 1 / (360 * power(({{ z }}) + 7, 3))
        + 1 / (1260 * power(({{ z }}) + 7, 5)) - 1 / (1680 * power(({{ z }}) + 7, 7))
        - ln(({{ z }}){% for i in range(1, 7) %} * (({{ z }}) + {{ i }}){% endfor %})
    )
{%- endmacro %}
