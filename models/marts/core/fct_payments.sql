-- One row per payment attempt made by the as-of date; one without a time is dated by its order.
-- amount is additive over attempts with is_paid.
with

payments as (

    select
        payment_id,
        order_id,
        payment_method,
        payment_status,
        amount,
        paid_at
    from {{ ref('stg_payments') }}

),

orders as (

    select
        order_id,
        customer_id,
        is_sale,
        ordered_at
    from {{ ref('int_orders_classified') }}

),

clock as (

    select as_of_date
    from {{ ref('dim_clock') }}

),

payments_dated as (

    select
        payments.payment_id,
        payments.order_id,
        orders.customer_id,
        payments.payment_method,
        payments.payment_status,
        payments.amount,
        payments.payment_status in ({{ quoted_list(var('paid_statuses')) }}) as is_paid,
        orders.is_sale,
        payments.paid_at is null as is_date_inferred,
        coalesce(payments.paid_at, orders.ordered_at) as paid_at
    from payments
    inner join orders on payments.order_id = orders.order_id

),

final as (

    select
        -- identifiers
        payments_dated.payment_id,
        payments_dated.order_id,
        payments_dated.customer_id,

        -- dimensions
        payments_dated.payment_method,
        payments_dated.payment_status,

        -- measures
        cast(payments_dated.amount as numeric(18, 2)) as amount,

        -- metadata
        payments_dated.is_paid,
        payments_dated.is_sale,
        payments_dated.is_date_inferred,
        cast(payments_dated.paid_at as date) as payment_date,
        payments_dated.paid_at
    from payments_dated
    inner join clock on cast(payments_dated.paid_at as date) <= clock.as_of_date

)

select * from final
