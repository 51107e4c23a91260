-- One row per stock code.
with

lines as (

    select
        order_item_id,
        product_id,
        description,
        unit_price,
        is_sold,
        ordered_at
    from {{ ref('online_retail__lines') }}

),

codes as (

    select
        stock_code,
        subcategory,
        reason
    from {{ ref('ref_online_retail_codes') }}

),

-- Unsold lines carry notes such as "damaged" or "ebay" where a product's name should be.
names_counted as (

    select
        product_id,
        description,
        row_number() over (
            partition by product_id
            order by
                sum(case when is_sold then 1 else 0 end) desc,
                count(*) desc,
                description
        ) as name_rank
    from lines
    where description is not null
    group by product_id, description

),

prices_newest_first as (

    select
        product_id,
        unit_price,
        row_number() over (
            partition by product_id
            order by ordered_at desc, order_item_id desc
        ) as recency_rank
    from lines
    where is_sold

),

product_ids as (

    select distinct product_id
    from lines

),

final as (

    select
        product_ids.product_id,
        names_counted.description as product_name,
        codes.reason as description,
        case when codes.stock_code is null then 'Merchandise' else 'Non-product' end as category,
        coalesce(codes.subcategory, 'Merchandise') as subcategory,
        prices_newest_first.unit_price as price
    from product_ids
    left join names_counted
        on product_ids.product_id = names_counted.product_id and names_counted.name_rank = 1
    left join prices_newest_first
        on
            product_ids.product_id = prices_newest_first.product_id
            and prices_newest_first.recency_rank = 1
    left join codes on product_ids.product_id = codes.stock_code

)

select * from final
