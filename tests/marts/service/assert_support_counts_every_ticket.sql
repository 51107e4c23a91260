-- Every ticket opened since the first order is counted once, the last backlog is every open ticket,
-- and the customers with and without tickets are all customers who bought.
with

clock as (

    select
        max(first_order_month) as first_order_month,
        max(as_of_month) as as_of_month
    from {{ ref('dim_clock') }}

),

figures as (

    select
        (
            select count(*) from {{ ref('fct_support_tickets') }}
            where opened_on >= (select clock.first_order_month from clock)
        ) as tickets,
        (select coalesce(sum(opened_tickets), 0) from {{ ref('support_performance') }}) as counted,
        (
            select count(*) from {{ ref('fct_support_tickets') }}
            where is_open
        ) as open_tickets,
        (
            select coalesce(sum(backlog), 0) from {{ ref('support_performance') }}
            where ticket_month = (select clock.as_of_month from clock)
        ) as backlog,
        (
            select count(distinct customer_id) from {{ ref('fct_orders') }}
            where is_sale and not is_guest
        ) as buyers,
        (
            select coalesce(sum(customers), 0) from {{ ref('support_customer_outcomes') }}
            where topic = 'all'
        ) as grouped_customers

)

select *
from figures
where
    tickets <> counted
    or open_tickets <> backlog
    or (grouped_customers <> buyers and grouped_customers > 0)
