-- One row per product that can lie in a basket, with the item it counts as at var
-- basket_item_level.
with

products as (

    select
        product_id,
        product_name,
        category,
        subcategory
    from {{ ref('dim_products') }}
    where not {{ is_among('category', var('non_product_categories')) }}

),

final as (

    select
        product_id,
        {%- if var('basket_item_level') == 'product' %}
        product_id as item_key,
        product_name as item_name
        {%- elif var('basket_item_level') == 'subcategory' %}
        category || ' / ' || subcategory as item_key,
        category || ' / ' || subcategory as item_name
        {%- else %}
        category as item_key,
        category as item_name
        {%- endif %}
    from products

)

select * from final
