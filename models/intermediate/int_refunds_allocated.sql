-- One row per refund x order line it falls on, for refunds given by the as-of date. A refund that
-- names a line of its order falls on that line; any other is spread over the order's lines by their
-- net sales, to the cent; on an order without lines it stays whole (order_item_id is null).
{{ config(materialized='table') }}
with

refunds as (

    select
        refund_id,
        order_id,
        order_item_id,
        reason,
        quantity,
        amount,
        refunded_at
    from {{ ref('stg_refunds') }}

),

orders as (

    select
        order_id,
        customer_id,
        is_sale,
        order_date
    from {{ ref('int_orders_classified') }}

),

clock as (

    select as_of_date
    from {{ ref('int_as_of_date') }}

),

order_items as (

    select
        order_item_id,
        order_id,
        greatest(net_sales, 0) as weight
    from {{ ref('int_order_items_priced') }}

),

refunds_of_orders as (

    select
        refunds.refund_id,
        refunds.order_id,
        orders.customer_id,
        order_items.order_item_id as named_order_item_id,
        refunds.reason,
        refunds.quantity,
        refunds.amount,
        orders.is_sale,
        orders.order_date,
        refunds.refunded_at
    from refunds
    inner join orders on refunds.order_id = orders.order_id
    inner join clock on cast(refunds.refunded_at as date) <= clock.as_of_date
    left join order_items
        on
            refunds.order_item_id = order_items.order_item_id
            and refunds.order_id = order_items.order_id

),

-- An order whose lines are all worth nothing is split evenly.
candidate_lines as (

    select
        refunds_of_orders.refund_id,
        order_items.order_item_id,
        case
            when sum(order_items.weight) over (partition by refunds_of_orders.refund_id) = 0 then 1
            else order_items.weight
        end as weight
    from refunds_of_orders
    inner join order_items
        on
            refunds_of_orders.order_id = order_items.order_id
            and (
                refunds_of_orders.named_order_item_id is null
                or refunds_of_orders.named_order_item_id = order_items.order_item_id
            )

),

lines_weighted as (

    select
        refund_id,
        order_item_id,
        weight,
        sum(weight) over (
            partition by refund_id
            order by order_item_id
            rows between unbounded preceding and current row
        ) as weight_up_to_line,
        sum(weight) over (partition by refund_id) as weight_of_order
    from candidate_lines

),

-- Rounding the running share and taking differences keeps the parts' sum equal to the refund.
shares as (

    select
        refunds_of_orders.refund_id,
        lines_weighted.order_item_id,
        {{ divide(
            'refunds_of_orders.amount * lines_weighted.weight_up_to_line',
            'lines_weighted.weight_of_order'
        ) }} as amount_up_to_line,
        {{ divide(
            'refunds_of_orders.amount * (lines_weighted.weight_up_to_line - lines_weighted.weight)',
            'lines_weighted.weight_of_order'
        ) }} as amount_before_line
    from refunds_of_orders
    inner join lines_weighted on refunds_of_orders.refund_id = lines_weighted.refund_id

),

final as (

    select
        -- identifiers
        refunds_of_orders.refund_id,
        shares.order_item_id,
        refunds_of_orders.order_id,
        refunds_of_orders.customer_id,

        -- dimensions
        refunds_of_orders.reason,

        -- measures
        refunds_of_orders.quantity,
        cast(
            coalesce(
                shares.amount_up_to_line - shares.amount_before_line, refunds_of_orders.amount
            ) as numeric(18, 2)
        ) as amount,

        -- metadata
        refunds_of_orders.is_sale,
        refunds_of_orders.named_order_item_id is not null as is_line_known,
        refunds_of_orders.order_date,
        cast(refunds_of_orders.refunded_at as date) as refund_date,
        refunds_of_orders.refunded_at
    from refunds_of_orders
    left join shares on refunds_of_orders.refund_id = shares.refund_id

)

select * from final
