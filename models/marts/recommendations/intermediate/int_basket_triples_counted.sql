-- One row per three items, by rising key, that enough baskets hold. Only pairs that enough baskets
-- hold are extended, because no set is in more baskets than its parts.
with

basket_items as (

    select
        order_id,
        item_key
    from {{ ref('int_basket_items') }}

),

pairs as (

    select
        first_item,
        second_item
    from {{ ref('int_basket_pairs_counted') }}

),

limits as (

    select min_count
    from {{ ref('int_basket_limits') }}

),

items_in_pairs as (

    select first_item as item_key
    from pairs
    union
    select second_item as item_key
    from pairs

),

basket_frequent_items as (

    select
        basket_items.order_id,
        basket_items.item_key
    from basket_items
    inner join items_in_pairs on basket_items.item_key = items_in_pairs.item_key

),

basket_pairs as (

    select
        first_items.order_id,
        pairs.first_item,
        pairs.second_item
    from basket_frequent_items as first_items
    inner join pairs on first_items.item_key = pairs.first_item
    inner join basket_frequent_items as second_items
        on
            first_items.order_id = second_items.order_id
            and pairs.second_item = second_items.item_key

),

final as (

    select
        basket_pairs.first_item,
        basket_pairs.second_item,
        third_items.item_key as third_item,
        cast(count(*) as bigint) as triple_count
    from basket_pairs
    inner join basket_frequent_items as third_items
        on
            basket_pairs.order_id = third_items.order_id
            and basket_pairs.second_item < third_items.item_key
    group by basket_pairs.first_item, basket_pairs.second_item, third_items.item_key
    having count(*) >= (select limits.min_count from limits)

)

select * from final
