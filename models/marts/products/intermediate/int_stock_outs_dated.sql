-- One row per product and stock count that found nothing usable: the days it stands for. A count
-- speaks for the days since the count before it; a sale proves that there still was stock, so the
-- days begin after the last sale. The newest count also speaks for the days after it, up to the
-- next sale.
with

counts as (

    select
        product_id,
        is_out_of_stock,
        snapshot_date
    from {{ ref('fct_inventory_snapshots') }}
    where is_out_of_stock is not null

),

days_with_sales as (

    select distinct
        product_id,
        order_date
    from {{ ref('fct_order_items') }}
    where is_sale and quantity > 0

),

clock as (

    select as_of_date
    from {{ ref('dim_clock') }}

),

counts_and_sales as (

    select
        product_id,
        is_out_of_stock,
        snapshot_date as counted_on,
        cast(null as date) as sold_on,
        snapshot_date as happened_on
    from counts
    union all
    select
        product_id,
        null as is_out_of_stock,
        null as counted_on,
        order_date as sold_on,
        order_date as happened_on
    from days_with_sales

),

counts_with_neighbours as (

    select
        product_id,
        is_out_of_stock,
        counted_on,
        max(counted_on) over earlier as previous_count,
        max(sold_on) over earlier as previous_sale,
        min(counted_on) over later as next_count,
        min(sold_on) over later as next_sale
    from counts_and_sales
    window
        earlier as (
            partition by product_id
            order by happened_on, sold_on nulls last
            rows between unbounded preceding and 1 preceding
        ),
        later as (
            partition by product_id
            order by happened_on, sold_on nulls last
            rows between 1 following and unbounded following
        )

),

counts_of_nothing as (

    select
        counts_with_neighbours.product_id,
        counts_with_neighbours.counted_on as snapshot_date,
        greatest(
            cast(coalesce(
                counts_with_neighbours.previous_count + interval '1 day',
                counts_with_neighbours.counted_on
            ) as date),
            cast(counts_with_neighbours.previous_sale + interval '1 day' as date)
        ) as out_from,
        case
            when counts_with_neighbours.next_count is not null
                then counts_with_neighbours.counted_on
            when counts_with_neighbours.next_sale is not null
                then cast(counts_with_neighbours.next_sale - interval '1 day' as date)
            else clock.as_of_date
        end as out_to
    from counts_with_neighbours
    cross join clock
    where counts_with_neighbours.is_out_of_stock

),

final as (

    select
        product_id,
        snapshot_date,
        out_from,
        out_to
    from counts_of_nothing
    where out_from <= out_to

)

select * from final
