-- One row per pair of items, the one with the lower number first, that enough baskets hold.
{{ config(materialized='table') }}
with

basket_items as (

    select
        basket_number,
        item_number
    from {{ ref('int_basket_items') }}

),

frequent_items as (

    select item_number
    from {{ ref('int_basket_items_counted') }}
    where is_frequent

),

limits as (

    select min_count
    from {{ ref('int_basket_limits') }}

),

basket_frequent_items as (

    select
        basket_items.basket_number,
        basket_items.item_number
    from basket_items
    inner join frequent_items on basket_items.item_number = frequent_items.item_number

),

final as (

    select
        first_items.item_number as first_item,
        second_items.item_number as second_item,
        cast(count(*) as bigint) as pair_count
    from basket_frequent_items as first_items
    inner join basket_frequent_items as second_items
        on
            first_items.basket_number = second_items.basket_number
            and first_items.item_number < second_items.item_number
    group by first_items.item_number, second_items.item_number
    having count(*) >= (select limits.min_count from limits)

)

select * from final
