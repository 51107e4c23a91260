-- One row per payment method x month, from the method's first month to the as-of date. Attempts are
-- those on every order, amount_paid is money received for sales; both are dated by the payment.
with

months as (

    select
        month_start_date as payment_month,
        is_complete
    from {{ ref('dim_months') }}

),

payments as (

    select
        order_id,
        payment_method,
        cast({{ dbt.date_trunc('month', 'payment_date') }} as date) as payment_month,
        amount,
        is_paid,
        is_paid and is_sale as is_received
    from {{ ref('fct_payments') }}

),

payments_summed_to_month as (

    select
        payment_method,
        payment_month,
        count(*) as attempts,
        sum(case when is_paid then 1 else 0 end) as paid_attempts,
        count(distinct case when is_received then order_id end) as orders,
        sum(case when is_received then amount else 0 end) as amount_paid
    from payments
    group by payment_method, payment_month

),

methods as (

    select
        payment_method,
        min(payment_month) as first_month
    from payments_summed_to_month
    group by payment_method

),

methods_valued as (

    select
        months.payment_month,
        methods.payment_method,
        coalesce(payments_summed_to_month.attempts, 0) as attempts,
        coalesce(payments_summed_to_month.paid_attempts, 0) as paid_attempts,
        coalesce(payments_summed_to_month.orders, 0) as orders,
        coalesce(payments_summed_to_month.amount_paid, 0) as amount_paid,
        sum(coalesce(payments_summed_to_month.amount_paid, 0)) over (
            partition by months.payment_month
        ) as amount_of_month,
        months.is_complete
    from methods
    inner join months on methods.first_month <= months.payment_month
    left join payments_summed_to_month
        on
            methods.payment_method = payments_summed_to_month.payment_method
            and months.payment_month = payments_summed_to_month.payment_month

),

final as (

    select
        payment_month,
        payment_method,
        cast(attempts as bigint) as attempts,
        cast(paid_attempts as bigint) as paid_attempts,
        cast(orders as bigint) as orders,
        cast(amount_paid as numeric(18, 2)) as amount_paid,
        {{ divide('amount_paid', 'amount_of_month', 6) }} as amount_share,
        {{ divide('paid_attempts', 'attempts', 6) }} as success_rate,
        {{ divide('amount_paid', 'orders') }} as avg_amount_per_order,
        is_complete
    from methods_valued

)

select * from final
