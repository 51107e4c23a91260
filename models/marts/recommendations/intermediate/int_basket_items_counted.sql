-- One row per item: how many baskets hold it, and what it earns in one of them on average.
with

basket_items as (

    select
        item_key,
        item_margin
    from {{ ref('int_basket_items') }}

),

items as (

    select distinct
        item_key,
        item_name
    from {{ ref('int_basket_catalogue') }}

),

limits as (

    select min_count
    from {{ ref('int_basket_limits') }}

),

baskets_counted as (

    select
        item_key,
        count(*) as item_count,
        sum(item_margin) as margin
    from basket_items
    group by item_key

),

final as (

    select
        items.item_key,
        items.item_name,
        cast(baskets_counted.item_count as bigint) as item_count,
        {{ divide('baskets_counted.margin', 'baskets_counted.item_count') }} as item_margin,
        baskets_counted.item_count >= limits.min_count as is_frequent
    from baskets_counted
    inner join items on baskets_counted.item_key = items.item_key
    cross join limits

)

select * from final
