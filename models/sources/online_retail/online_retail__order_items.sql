-- One row per invoice line. A bad-debt line has a negative price; the contract wants the sign on
-- the quantity, which leaves the amount as it is.
with

final as (

    select
        order_item_id,
        order_id,
        product_id,
        case
            when unit_price like '-%' then '-' || quantity
            else quantity
        end as quantity,
        case
            when unit_price like '-%' then substring(unit_price, 2)
            else unit_price
        end as unit_price
    from {{ ref('online_retail__lines') }}

)

select * from final
