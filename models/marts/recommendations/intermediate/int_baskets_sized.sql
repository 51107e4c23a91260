-- One row per basket: a sale with lines of products in the window. A basket with more than var
-- basket_max_items distinct products is kept out of mining (is_kept_out), and counted.
{#- 0 is all of them: a century, the most the knob may say -#}
{%- set window_days = var('basket_window_days') or 36600 %}
with

clock as (

    select as_of_date
    from {{ ref('dim_clock') }}

),

order_items as (

    select
        order_id,
        product_id,
        order_date
    from {{ ref('fct_order_items') }}
    where is_sale and quantity > 0

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
    inner join clock
        on order_items.order_date > {{ dbt.dateadd('day', -window_days, 'clock.as_of_date') }}
    group by order_items.order_id

),

final as (

    select
        order_id,
        product_count,
        product_count > {{ var('basket_max_items') }} as is_kept_out
    from products_counted

)

select * from final
