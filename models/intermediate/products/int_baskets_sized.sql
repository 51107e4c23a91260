-- One row per basket: a sale with lines of products in the window. A basket with more than var
-- basket_max_items distinct products is kept out of mining (is_kept_out), and counted.
{{ config(materialized='table') }}
with

order_items as (

    select
        order_id,
        product_id
    from {{ ref('fct_order_items') }}
    where
        is_sale
        {%- if var('basket_window_days') %}
        and order_date > (
            select max({{ dbt.dateadd('day', -var('basket_window_days'), 'as_of_date') }})
            from {{ ref('dim_clock') }}
        )
        {%- endif %}
        and quantity > 0

),

products as (

    select product_id
    from {{ ref('int_basket_catalogue') }}

),

products_counted as (

    select
        order_items.order_id,
        count(distinct order_items.product_id) as product_count
    from order_items
    inner join products on order_items.product_id = products.product_id
    group by order_items.order_id

),

final as (

    select
        order_id,
        row_number() over (order by order_id) as basket_number,
        product_count,
        product_count > {{ var('basket_max_items') }} as is_kept_out
    from products_counted

)

select * from final
