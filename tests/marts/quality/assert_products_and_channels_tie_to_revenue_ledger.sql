-- Over all months products (with the orders that have no lines) and channels, by every
-- attribution, earn the ledger's net revenue, to the cent.
with

totals as (

    select
        (select coalesce(sum(net_revenue), 0) from {{ ref('revenue_ledger') }}) as of_ledger,
        (select coalesce(sum(total_revenue), 0) from {{ ref('product_performance') }}) + (
            select coalesce(sum(net_revenue), 0) from {{ ref('fct_orders') }}
            where is_sale and is_amount_from_total
        ) as of_products,
        (select coalesce(sum(first_touch_revenue), 0) from {{ ref('channel_performance') }})
            as of_first_touch,
        (select coalesce(sum(last_touch_revenue), 0) from {{ ref('channel_performance') }})
            as of_last_touch,
        (select coalesce(sum(linear_revenue), 0) from {{ ref('channel_performance') }})
            as of_linear

)

select *
from totals
where
    of_ledger <> of_products
    or of_ledger <> of_first_touch
    or of_ledger <> of_last_touch
    or of_ledger <> of_linear
