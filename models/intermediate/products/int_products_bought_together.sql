-- One row per product x product that lie in a basket together more often than by chance, at least
-- var basket_min_count times.
{{ config(materialized='table') }}
with

order_items as (

    select distinct
        order_id,
        product_id
    from {{ ref('fct_order_items') }}
    where is_sale and quantity > 0

),

baskets as (

    select
        order_id,
        basket_number
    from {{ ref('int_baskets_sized') }}
    where not is_kept_out

),

products as (

    select
        product_id,
        product_number
    from {{ ref('int_recommendation_products') }}
    where not is_no_product

),

basket_products as (

    select
        baskets.basket_number,
        products.product_number
    from order_items
    inner join baskets on order_items.order_id = baskets.order_id
    inner join products on order_items.product_id = products.product_id

),

baskets_counted as (

    select count(distinct basket_number) as basket_count
    from basket_products

),

products_counted as (

    select
        product_number,
        count(*) as product_count
    from basket_products
    group by product_number
    having count(*) >= {{ var('basket_min_count') }}

),

frequent_products as (

    select
        basket_products.basket_number,
        basket_products.product_number
    from basket_products
    inner join products_counted on basket_products.product_number = products_counted.product_number

),

pairs_counted as (

    select
        first_products.product_number as first_product,
        second_products.product_number as second_product,
        count(*) as pair_count
    from frequent_products as first_products
    inner join frequent_products as second_products
        on
            first_products.basket_number = second_products.basket_number
            and first_products.product_number < second_products.product_number
    group by first_products.product_number, second_products.product_number
    having count(*) >= {{ var('basket_min_count') }}

),

pairs_both_ways as (

    select
        first_product as product_number,
        second_product as other_number,
        pair_count
    from pairs_counted
    union all
    select
        second_product as product_number,
        first_product as other_number,
        pair_count
    from pairs_counted

),

final as (

    select
        pairs_both_ways.product_number,
        pairs_both_ways.other_number,
        cast(pairs_both_ways.pair_count as bigint) as pair_count,
        cast(products_counted.product_count as bigint) as product_count,
        cast(others_counted.product_count as bigint) as other_count,
        cast(baskets_counted.basket_count as bigint) as basket_count
    from pairs_both_ways
    inner join products_counted
        on pairs_both_ways.product_number = products_counted.product_number
    inner join products_counted as others_counted
        on pairs_both_ways.other_number = others_counted.product_number
    inner join baskets_counted
        on
            pairs_both_ways.pair_count * baskets_counted.basket_count
            > products_counted.product_count * others_counted.product_count

)

select * from final
