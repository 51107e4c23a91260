-- Money received by all payment methods in a month is what the ledger says was paid.
with

ledger as (

    select
        ledger_month,
        coalesce(amount_paid, 0) as amount_paid
    from {{ ref('revenue_ledger') }}

),

methods_summed_to_month as (

    select
        payment_month,
        sum(amount_paid) as amount_paid
    from {{ ref('payment_methods') }}
    group by payment_month

)

select
    coalesce(ledger.ledger_month, methods_summed_to_month.payment_month) as payment_month,
    ledger.amount_paid as ledger_amount_paid,
    methods_summed_to_month.amount_paid as methods_amount_paid
from ledger
full outer join methods_summed_to_month
    on ledger.ledger_month = methods_summed_to_month.payment_month
where
    ledger.ledger_month is null
    or ledger.amount_paid <> coalesce(methods_summed_to_month.amount_paid, 0)
