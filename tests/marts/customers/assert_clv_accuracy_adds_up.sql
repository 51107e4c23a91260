-- Deciles and numbers of repeat purchases each add up to all customers, and every predictor faces
-- the same hold-out, which is that of the purchase history.
with

holdout as (

    select
        count(*) as customers,
        sum(holdout_purchases) as orders,
        sum(holdout_value) as revenue
    from {{ ref('int_customer_purchase_history') }}
    where fit_period = 'calibration'

),

slices as (

    select
        predictor,
        slice_type,
        sum(customers) as customers,
        sum(actual_orders) as orders,
        sum(actual_revenue) as revenue
    from {{ ref('clv_accuracy') }}
    group by predictor, slice_type

)

select slices.*
from slices
cross join holdout
where
    slices.customers <> holdout.customers
    or slices.orders <> holdout.orders
    or slices.revenue <> holdout.revenue
