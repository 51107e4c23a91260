{#- exp, kept within what a double can hold: PostgreSQL stops at overflow and at underflow. -#}
{% macro safe_exp(exponent) -%}
    exp(greatest(least({{ exponent }}, 700), -700))
{%- endmacro %}
