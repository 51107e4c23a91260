-- One row per three items, by rising number, that enough baskets hold. Only pairs that enough
-- baskets hold are extended, because no set is in more baskets than its parts.
{{ config(materialized='table') }}
with

basket_items as (

    select
        basket_number,
        item_number
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
    where max_length >= 3

),

items_in_pairs as (

    select first_item as item_number
    from pairs
    union
    select second_item as item_number
    from pairs

),

basket_frequent_items as (

    select
        basket_items.basket_number,
        basket_items.item_number
    from basket_items
    inner join items_in_pairs on basket_items.item_number = items_in_pairs.item_number

),

basket_pairs as (

    select
        first_items.basket_number,
        pairs.first_item,
        pairs.second_item
    from basket_frequent_items as first_items
    inner join pairs on first_items.item_number = pairs.first_item
    inner join basket_frequent_items as second_items
        on
            first_items.basket_number = second_items.basket_number
            and pairs.second_item = second_items.item_number

),

final as (

    select
        basket_pairs.first_item,
        basket_pairs.second_item,
        third_items.item_number as third_item,
        cast(count(*) as bigint) as triple_count
    from basket_pairs
    inner join basket_frequent_items as third_items
        on
            basket_pairs.basket_number = third_items.basket_number
            and basket_pairs.second_item < third_items.item_number
    group by basket_pairs.first_item, basket_pairs.second_item, third_items.item_number
    having count(*) >= (select limits.min_count from limits)

)

select * from final
