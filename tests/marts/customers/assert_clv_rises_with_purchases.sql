-- Of customers of the same age who bought today, the one with more purchases is expected to order
-- more. (After a silence the models say otherwise on purpose: a frequent buyer is missed sooner.)
with

lifetime_values as (

    select
        customer_id,
        repeat_purchases,
        expected_orders_365d
    from {{ ref('customer_lifetime_value') }}
    where silence_days = 0 and repeat_purchases > 0

),

history as (

    select
        customer_id,
        age_days
    from {{ ref('int_customer_purchase_history') }}
    where fit_period = 'full'

),

customers as (

    select
        lifetime_values.customer_id,
        lifetime_values.repeat_purchases,
        lifetime_values.expected_orders_365d,
        lag(lifetime_values.expected_orders_365d) over (
            partition by history.age_days
            order by lifetime_values.repeat_purchases, lifetime_values.customer_id
        ) as expected_orders_of_fewer
    from lifetime_values
    inner join history on lifetime_values.customer_id = history.customer_id

)

select *
from customers
where expected_orders_365d < expected_orders_of_fewer * (1 - 1e-9)
