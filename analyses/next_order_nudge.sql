-- When should a customer be reminded to order again, after the first order, the second, the third?
-- How to read it: send the reminder between remind_from_day, when half of those who order again
-- have done so, and remind_to_day, after which hardly any do; due_today customers are there now.
-- Reads customer_journey, customer_lifetime_value.
--
-- revenue_of_going_on is what those who went on have brought with their later orders so far. Some
-- of them would be better customers in any case, so it is the most that winning one more can be
-- worth.
{% set order_numbers = 5 %}
with

journey as (

    select
        order_number,
        customers,
        continued_customers,
        continuation_rate,
        median_days_to_next,
        p90_days_to_next,
        net_revenue
    from {{ ref('customer_journey') }}

),

journey_with_later as (

    select
        *,
        coalesce(
            sum(net_revenue) over (
                order by order_number rows between 1 following and unbounded following
            ), 0
        ) as later_revenue
    from journey

),

customers as (

    select
        historical_orders,
        silence_days
    from {{ ref('customer_lifetime_value') }}

),

due as (

    select
        journey.order_number,
        count(*) as due_today
    from journey
    inner join customers
        on
            journey.order_number = customers.historical_orders
            and journey.median_days_to_next <= customers.silence_days
            and journey.p90_days_to_next >= customers.silence_days
    group by journey.order_number

)

select
    journey_with_later.order_number as after_order,
    journey_with_later.customers,
    journey_with_later.continuation_rate,
    cast(ceiling(journey_with_later.median_days_to_next) as bigint) as remind_from_day,
    cast(floor(journey_with_later.p90_days_to_next) as bigint) as remind_to_day,
    cast(coalesce(due.due_today, 0) as bigint) as due_today,
    {{ divide('journey_with_later.later_revenue', 'journey_with_later.continued_customers') }}
        as revenue_of_going_on
from journey_with_later
left join due on journey_with_later.order_number = due.order_number
where journey_with_later.order_number <= {{ order_numbers }}
order by journey_with_later.order_number
