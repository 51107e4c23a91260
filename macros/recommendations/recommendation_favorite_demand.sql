{#-
    How much more demand there is for a product of the customer's favourite category: a few percent,
    where the customer buys nothing else. demand in millionths times weight in thousandths times
    hundredths are whole numbers of 1e-11, and so are 100,000 times demand and 100 times what
    purchases add: sums of them do not depend on their order.
-#}
{% macro recommendation_favorite_demand(demand, category, favorite_category, favorite_weight) -%}
    case
        when {{ category }} = {{ favorite_category }}
            then {{ demand }} * {{ favorite_weight }} * {{ recommendation_category_percent() }}
        else 0
    end
{%- endmacro %}
