-- One row per product x product that lie in a basket together more often than by chance, at least
-- var basket_min_count times.
with

order_items as (

    select distinct
        order_id,
        product_id
    from {{ ref('fct_order_items') }}
    where is_sale and quantity > 0

),

baskets as (

    select order_id
    from {{ ref('int_baskets_sized') }}
    where not is_kept_out

),

products as (

    select product_id
    from {{ ref('int_recommendation_products') }}
    where not is_no_product

),

basket_products as (

    select
        order_items.order_id,
        order_items.product_id
    from order_items
    inner join baskets on order_items.order_id = baskets.order_id
    inner join products on order_items.product_id = products.product_id

),

baskets_counted as (

    select count(distinct order_id) as basket_count
    from basket_products

),

products_counted as (

    select
        product_id,
        count(*) as product_count
    from basket_products
    group by product_id
    having count(*) >= {{ var('basket_min_count') }}

),

frequent_products as (

    select
        basket_products.order_id,
        basket_products.product_id
    from basket_products
    inner join products_counted on basket_products.product_id = products_counted.product_id

),

pairs_counted as (

    select
        first_products.product_id as first_product_id,
        second_products.product_id as second_product_id,
        count(*) as pair_count
    from frequent_products as first_products
    inner join frequent_products as second_products
        on
            first_products.order_id = second_products.order_id
            and first_products.product_id < second_products.product_id
    group by first_products.product_id, second_products.product_id
    having count(*) >= {{ var('basket_min_count') }}

),

pairs_both_ways as (

    select
        first_product_id as product_id,
        second_product_id as other_product_id,
        pair_count
    from pairs_counted
    union all
    select
        second_product_id as product_id,
        first_product_id as other_product_id,
        pair_count
    from pairs_counted

),

final as (

    select
        pairs_both_ways.product_id,
        pairs_both_ways.other_product_id,
        cast(pairs_both_ways.pair_count as bigint) as pair_count,
        cast(products_counted.product_count as bigint) as product_count,
        cast(others_counted.product_count as bigint) as other_count,
        cast(baskets_counted.basket_count as bigint) as basket_count
    from pairs_both_ways
    inner join products_counted on pairs_both_ways.product_id = products_counted.product_id
    inner join products_counted as others_counted
        on pairs_both_ways.other_product_id = others_counted.product_id
    inner join baskets_counted
        on
            pairs_both_ways.pair_count * baskets_counted.basket_count
            > products_counted.product_count * others_counted.product_count

)

select * from final
