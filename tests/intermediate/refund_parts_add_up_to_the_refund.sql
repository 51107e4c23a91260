-- Every refund on a known order given by the as-of date is allocated, and its parts add up to it.
with

refunds as (

    select
        refund_id,
        order_id,
        amount,
        refunded_at
    from {{ ref('stg_refunds') }}

),

orders as (

    select order_id
    from {{ ref('int_orders_classified') }}

),

clock as (

    select as_of_date
    from {{ ref('int_as_of_date') }}

),

allocated as (

    select
        refund_id,
        sum(amount) as amount
    from {{ ref('int_refunds_allocated') }}
    group by refund_id

),

expected as (

    select
        refunds.refund_id,
        refunds.amount
    from refunds
    inner join orders on refunds.order_id = orders.order_id
    inner join clock on cast(refunds.refunded_at as date) <= clock.as_of_date

)

select
    coalesce(expected.refund_id, allocated.refund_id) as refund_id,
    expected.amount as refund_amount,
    allocated.amount as allocated_amount
from expected
full outer join allocated on expected.refund_id = allocated.refund_id
where not coalesce(expected.amount = allocated.amount, false)
