-- One row per pair of items, the one with the lower key first, that enough baskets hold.
with

basket_items as (

    select
        order_id,
        item_key
    from {{ ref('int_basket_items') }}

),

frequent_items as (

    select item_key
    from {{ ref('int_basket_items_counted') }}
    where is_frequent

),

limits as (

    select min_count
    from {{ ref('int_basket_limits') }}

),

basket_frequent_items as (

    select
        basket_items.order_id,
        basket_items.item_key
    from basket_items
    inner join frequent_items on basket_items.item_key = frequent_items.item_key

),

final as (

    select
        first_items.item_key as first_item,
        second_items.item_key as second_item,
        cast(count(*) as bigint) as pair_count
    from basket_frequent_items as first_items
    inner join basket_frequent_items as second_items
        on
            first_items.order_id = second_items.order_id
            and first_items.item_key < second_items.item_key
    group by first_items.item_key, second_items.item_key
    having count(*) >= (select limits.min_count from limits)

)

select * from final
