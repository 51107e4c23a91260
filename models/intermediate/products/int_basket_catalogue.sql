-- One row per product that can lie in a basket, with the item it counts as at var
-- basket_item_level. Items are numbered in the order of their names, which is the order in which a
-- rule lists them.
{{ config(materialized='table') }}
with

products as (

    select
        product_id,
        coalesce(product_name, product_id) as product_name,
        coalesce(category, 'Unknown') as category,
        coalesce(subcategory, 'Unknown') as subcategory
    from {{ ref('dim_products') }}

),

items as (

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
    where category not in ({{ quoted_list(var('non_product_categories')) }})

),

final as (

    select
        product_id,
        item_key,
        item_name,
        dense_rank() over (order by item_name, item_key) as item_number
    from items

)

select * from final
