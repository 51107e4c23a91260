{#- The person behind what happened on the web or in the shop: the customer where known, else otherwise. -#}
{% macro person_id(customer_id, otherwise) -%}
    coalesce('customer ' || {{ customer_id }}, {{ otherwise }})
{%- endmacro %}
