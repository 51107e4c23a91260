-- Over all months the ledger, the refund fact, the order fact and the lines (with the orders that
-- have none) give back the same money.
with

totals as (

    select
        (select coalesce(sum(refunds), 0) from {{ ref('revenue_ledger') }}) as of_ledger,
        (
            select coalesce(sum(amount), 0) from {{ ref('fct_refunds') }}
            where is_sale
        ) as of_refunds,
        (
            select coalesce(sum(refunds), 0) from {{ ref('fct_orders') }}
            where is_sale
        ) as of_orders,
        (
            select coalesce(sum(refunds), 0) from {{ ref('fct_order_items') }}
            where is_sale
        ) + (
            select coalesce(sum(refunds), 0) from {{ ref('fct_orders') }}
            where is_sale and is_amount_from_total
        ) as of_lines

)

select *
from totals
where
    coalesce(of_ledger <> of_refunds, true)
    or coalesce(of_ledger <> of_orders, true)
    or coalesce(of_ledger <> of_lines, true)
