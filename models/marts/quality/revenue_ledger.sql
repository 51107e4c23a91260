-- One row per month from the first order to the as-of date: how gross sales become money received.
-- Built from cleaned orders, lines, refunds and payments, not from the facts, so that every mart
-- that shows revenue can be tied to it. Sales and charges are dated by the order, refunds by the
-- refund, payments by the payment.
with

months as (

    select
        month_start_date as ledger_month,
        is_complete
    from {{ ref('dim_months') }}

),

orders as (

    select
        order_id,
        shipping_amount,
        tax_amount,
        total_amount,
        cast({{ dbt.date_trunc('month', 'order_date') }} as date) as ledger_month
    from {{ ref('int_orders_classified') }}
    where is_sale

),

order_items as (

    select
        order_id,
        sum(cast(cast(quantity as numeric(18, 0)) * unit_price as numeric(18, 2))) as gross_sales,
        sum(coalesce(discount_amount, 0)) as discounts
    from {{ ref('stg_order_items') }}
    group by order_id

),

orders_charged as (

    select
        orders.ledger_month,
        orders.total_amount,
        orders.shipping_amount,
        orders.tax_amount,
        coalesce(
            order_items.gross_sales,
            greatest(orders.total_amount - orders.shipping_amount - orders.tax_amount, 0),
            0
        ) as gross_sales,
        coalesce(order_items.discounts, 0) as discounts
    from orders
    left join order_items on orders.order_id = order_items.order_id

),

orders_summed_to_month as (

    select
        ledger_month,
        sum(gross_sales) as gross_sales,
        sum(discounts) as discounts,
        sum(shipping_amount) as shipping_amount,
        sum(tax_amount) as tax_amount,
        sum(total_amount - (gross_sales - discounts + shipping_amount + tax_amount))
            as unexplained_amount
    from orders_charged
    group by ledger_month

),

refunds_summed_to_month as (

    select
        cast({{ dbt.date_trunc('month', 'refund_date') }} as date) as ledger_month,
        sum(amount) as refunds
    from {{ ref('int_refunds_allocated') }}
    where is_sale
    group by cast({{ dbt.date_trunc('month', 'refund_date') }} as date)

),

payments_summed_to_month as (

    select
        cast({{ dbt.date_trunc('month', 'payment_date') }} as date) as ledger_month,
        sum(amount) as amount_paid
    from {{ ref('fct_payments') }}
    where is_sale and is_paid
    group by cast({{ dbt.date_trunc('month', 'payment_date') }} as date)

),

-- Without a single payment on record, what was paid is unknown rather than nothing.
payments_known as (

    select count(*) > 0 as is_known
    from {{ ref('fct_payments') }}

),

months_valued as (

    select
        months.ledger_month,
        months.is_complete,
        coalesce(orders_summed_to_month.gross_sales, 0) as gross_sales,
        coalesce(orders_summed_to_month.discounts, 0) as discounts,
        coalesce(orders_summed_to_month.gross_sales, 0)
        - coalesce(orders_summed_to_month.discounts, 0) as net_sales,
        coalesce(refunds_summed_to_month.refunds, 0) as refunds,
        coalesce(orders_summed_to_month.shipping_amount, 0) as shipping_amount,
        coalesce(orders_summed_to_month.tax_amount, 0) as tax_amount,
        coalesce(orders_summed_to_month.unexplained_amount, 0) as unexplained_amount,
        case
            when payments_known.is_known then coalesce(payments_summed_to_month.amount_paid, 0)
        end as amount_paid
    from months
    cross join payments_known
    left join orders_summed_to_month
        on months.ledger_month = orders_summed_to_month.ledger_month
    left join refunds_summed_to_month
        on months.ledger_month = refunds_summed_to_month.ledger_month
    left join payments_summed_to_month
        on months.ledger_month = payments_summed_to_month.ledger_month

),

final as (

    select
        ledger_month,
        cast(gross_sales as numeric(18, 2)) as gross_sales,
        cast(discounts as numeric(18, 2)) as discounts,
        cast(net_sales as numeric(18, 2)) as net_sales,
        cast(refunds as numeric(18, 2)) as refunds,
        cast(net_sales - refunds as numeric(18, 2)) as net_revenue,
        cast(shipping_amount as numeric(18, 2)) as shipping_amount,
        cast(tax_amount as numeric(18, 2)) as tax_amount,
        cast(net_sales + shipping_amount + tax_amount as numeric(18, 2)) as amount_charged,
        cast(amount_paid as numeric(18, 2)) as amount_paid,
        cast(amount_paid - (net_sales + shipping_amount + tax_amount) as numeric(18, 2))
            as amount_paid_minus_charged,
        cast(unexplained_amount as numeric(18, 2)) as unexplained_amount,
        is_complete
    from months_valued

)

select * from final
