{#- The steps of the conversion funnel as event types, in order. -#}
{% macro funnel_steps() %}
    {{ return(['product_view', 'add_to_cart', 'checkout', 'purchase']) }}
{% endmacro %}
