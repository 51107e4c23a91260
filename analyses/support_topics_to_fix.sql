-- Which support topic should be fixed first?
-- How to read it: the topic at the top costs the most goodwill: many tickets, poorly marked. See
-- whether it grows, and whether customers who asked about it buy again less than others who asked.
-- Reads support_performance, support_customer_outcomes, monthly_sales.
--
-- The newest complete months against as many before. Stars lost are tickets times what the mean
-- mark lacks to 5. The repeat rate is set against that of all customers with tickets, not of those
-- without: who orders more has more occasions to ask.
{% set months = 6 %}
with

months_numbered as (

    select
        sale_month,
        orders,
        row_number() over (order by sale_month desc) as months_ago
    from {{ ref('monthly_sales') }}
    where is_complete

),

months_compared as (

    select
        sale_month,
        months_ago <= {{ months }} as is_recent,
        sum(case when months_ago <= {{ months }} then orders else 0 end) over ()
            as recent_orders,
        sum(case when months_ago > {{ months }} then orders else 0 end) over ()
            as previous_orders
    from months_numbered
    where months_ago <= 2 * {{ months }}

),

topics_by_month as (

    select
        topic,
        ticket_month,
        opened_tickets,
        solved_tickets,
        satisfaction_answers,
        avg_satisfaction * satisfaction_answers as stars
    from {{ ref('support_performance') }}

),

topics_dated as (

    select
        topics_by_month.topic,
        topics_by_month.opened_tickets,
        topics_by_month.solved_tickets,
        topics_by_month.satisfaction_answers,
        topics_by_month.stars,
        months_compared.is_recent,
        months_compared.recent_orders,
        months_compared.previous_orders
    from topics_by_month
    inner join months_compared on topics_by_month.ticket_month = months_compared.sale_month

),

topics_summed as (

    select
        topic,
        recent_orders,
        previous_orders,
        sum(case when is_recent then opened_tickets else 0 end) as tickets,
        sum(case when is_recent then 0 else opened_tickets end) as previous_tickets,
        sum(case when is_recent then opened_tickets - solved_tickets else 0 end)
            as unsolved_tickets,
        sum(case when is_recent then satisfaction_answers else 0 end) as answers,
        sum(case when is_recent then stars end) as stars
    from topics_dated
    group by topic, recent_orders, previous_orders

),

outcomes as (

    select
        topic,
        repeat_rate,
        refund_rate
    from {{ ref('support_customer_outcomes') }}
    where customer_group = 'with tickets'

),

topics_rated as (

    select
        topic,
        cast(tickets as bigint) as tickets,
        {{ divide('100 * tickets', 'recent_orders') }} as tickets_per_100_orders,
        {{ divide('100 * previous_tickets', 'previous_orders') }} as previously_per_100_orders,
        cast(unsolved_tickets as bigint) as unsolved_tickets,
        {{ divide('stars', 'answers') }} as avg_satisfaction,
        {{ divide('tickets * (5 * answers - stars)', 'answers') }} as stars_lost
    from topics_summed
    where tickets > 0

)

select
    topics_rated.*,
    outcomes.repeat_rate,
    outcomes_of_all.repeat_rate as repeat_rate_of_all,
    outcomes.refund_rate
from topics_rated
left join outcomes on topics_rated.topic = outcomes.topic
left join outcomes as outcomes_of_all on outcomes_of_all.topic = 'all'
order by topics_rated.stars_lost desc nulls last, topics_rated.topic
