-- Money received for sales is the same in the ledger, the payment fact and the order fact.
with

totals as (

    select
        (select sum(amount_paid) from {{ ref('revenue_ledger') }}) as of_ledger,
        (
            select sum(amount) from {{ ref('fct_payments') }}
            where is_sale and is_paid
        ) as of_payments,
        (
            select sum(amount_paid) from {{ ref('fct_orders') }}
            where is_sale
        ) as of_orders

)

select *
from totals
where
    coalesce(of_ledger, 0) <> coalesce(of_payments, 0)
    or coalesce(of_ledger, 0) <> coalesce(of_orders, 0)
