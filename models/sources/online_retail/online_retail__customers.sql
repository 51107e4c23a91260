-- One row per customer; the country is that of the newest invoice.
with

lines_newest_first as (

    select
        customer_id,
        country,
        row_number() over (
            partition by customer_id
            order by ordered_at desc, order_item_id desc
        ) as recency_rank
    from {{ ref('online_retail__lines') }}
    where customer_id is not null

),

final as (

    select
        customer_id,
        country
    from lines_newest_first
    where recency_rank = 1

)

select * from final
