-- Of two customers with the same purchases over as many days, the one silent for longer is less
-- probably alive, under both models; nobody has a probability of 0.
with

lifetime_values as (

    select
        customer_id,
        probability_alive,
        probability_alive_bg
    from {{ ref('customer_lifetime_value') }}

),

history as (

    select
        customer_id,
        repeat_purchases,
        recency_days,
        silence_days
    from {{ ref('int_customer_purchase_history') }}
    where fit_period = 'full'

),

customers as (

    select
        lifetime_values.customer_id,
        history.silence_days,
        lifetime_values.probability_alive,
        lifetime_values.probability_alive_bg,
        lag(history.silence_days) over same_purchases as shorter_silence_days,
        lag(lifetime_values.probability_alive) over same_purchases as earlier_probability_alive,
        lag(lifetime_values.probability_alive_bg) over same_purchases
            as earlier_probability_alive_bg
    from lifetime_values
    inner join history on lifetime_values.customer_id = history.customer_id
    window same_purchases as (
        partition by history.repeat_purchases, history.recency_days
        order by history.silence_days, lifetime_values.customer_id
    )

)

select *
from customers
where
    probability_alive <= 0
    or probability_alive_bg <= 0
    or probability_alive > earlier_probability_alive
    or probability_alive_bg > earlier_probability_alive_bg
