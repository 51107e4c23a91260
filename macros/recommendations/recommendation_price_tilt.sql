{#-
    What demand for a product is multiplied by for its price: whoever buys dear products gets dear
    ones more, and the other way round. Both levels are distances from a usual purchase in places of
    a price list of 1,000: as a straight line does that leads through the purchases, whose places
    vary by 1,000 squared ÷ 12.
-#}
{% macro recommendation_price_tilt(customer_price_level, product_price_level) -%}
    greatest(
        1 + cast({{ customer_price_level }} * {{ product_price_level }} as {{ dbt.type_float() }})
        * {{ recommendation_price_percent() * 12 }} / 100000000,
        0.1
    )
{%- endmacro %}
