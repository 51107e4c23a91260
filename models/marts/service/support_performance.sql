-- One row per topic x month from the first order to the as-of date: tickets opened, how fast they
-- were answered and solved, how content customers were, and what was left at the end.
with

tickets as (

    select
        ticket_id,
        customer_id,
        topic,
        satisfaction,
        seconds_to_first_reply,
        seconds_to_resolution,
        is_open,
        is_reopened,
        cast({{ dbt.date_trunc('month', 'opened_on') }} as date) as opened_month,
        cast({{ dbt.date_trunc('month', 'resolved_on') }} as date) as resolved_month
    from {{ ref('fct_support_tickets') }}

),

months as (

    select
        month_start_date,
        is_complete
    from {{ ref('dim_months') }}

),

topics as (

    select distinct topic
    from tickets

),

topic_months as (

    select
        topics.topic,
        months.month_start_date as ticket_month,
        months.is_complete
    from topics
    cross join months

),

tickets_summed_to_month as (

    select
        topic,
        opened_month,
        count(*) as opened_tickets,
        count(distinct customer_id) as customers,
        count(seconds_to_first_reply) as replied_tickets,
        sum(case when is_open then 0 else 1 end) as solved_tickets,
        sum(case when is_reopened then 1 else 0 end) as reopened_tickets,
        count(satisfaction) as satisfaction_answers,
        sum(satisfaction) as satisfaction_points,
        percentile_cont(0.5) within group (order by seconds_to_first_reply) as median_reply,
        percentile_cont(0.9) within group (order by seconds_to_first_reply) as p90_reply,
        percentile_cont(0.5) within group (order by seconds_to_resolution) as median_resolution,
        percentile_cont(0.9) within group (order by seconds_to_resolution) as p90_resolution
    from tickets
    group by topic, opened_month

),

resolutions_summed_to_month as (

    select
        topic,
        resolved_month,
        count(*) as resolutions
    from tickets
    where resolved_month is not null
    group by topic, resolved_month

),

-- Solved tickets without a date of it cannot wait in any month.
tickets_waiting as (

    select
        topic_months.topic,
        topic_months.ticket_month,
        count(*) as backlog
    from topic_months
    inner join tickets
        on
            topic_months.topic = tickets.topic
            and topic_months.ticket_month >= tickets.opened_month
            and (tickets.is_open or topic_months.ticket_month < tickets.resolved_month)
    group by topic_months.topic, topic_months.ticket_month

),

final as (

    select
        -- dimensions
        topic_months.topic,
        topic_months.ticket_month,

        -- measures
        cast(coalesce(tickets_summed_to_month.opened_tickets, 0) as bigint) as opened_tickets,
        cast(coalesce(tickets_summed_to_month.customers, 0) as bigint) as customers,
        cast(coalesce(tickets_summed_to_month.replied_tickets, 0) as bigint) as replied_tickets,
        cast(coalesce(tickets_summed_to_month.solved_tickets, 0) as bigint) as solved_tickets,
        cast(coalesce(tickets_summed_to_month.reopened_tickets, 0) as bigint) as reopened_tickets,
        cast(coalesce(resolutions_summed_to_month.resolutions, 0) as bigint) as resolutions,
        cast(coalesce(tickets_waiting.backlog, 0) as bigint) as backlog,
        {{ divide('tickets_summed_to_month.median_reply', '3600') }} as median_first_reply_hours,
        {{ divide('tickets_summed_to_month.p90_reply', '3600') }} as p90_first_reply_hours,
        {{ divide('tickets_summed_to_month.median_resolution', '3600') }}
            as median_resolution_hours,
        {{ divide('tickets_summed_to_month.p90_resolution', '3600') }} as p90_resolution_hours,
        cast(coalesce(tickets_summed_to_month.satisfaction_answers, 0) as bigint)
            as satisfaction_answers,
        {{ divide(
            'tickets_summed_to_month.satisfaction_points',
            'tickets_summed_to_month.satisfaction_answers',
            6
        ) }} as avg_satisfaction,

        -- metadata
        topic_months.is_complete
    from topic_months
    left join tickets_summed_to_month
        on
            topic_months.topic = tickets_summed_to_month.topic
            and topic_months.ticket_month = tickets_summed_to_month.opened_month
    left join resolutions_summed_to_month
        on
            topic_months.topic = resolutions_summed_to_month.topic
            and topic_months.ticket_month = resolutions_summed_to_month.resolved_month
    left join tickets_waiting
        on
            topic_months.topic = tickets_waiting.topic
            and topic_months.ticket_month = tickets_waiting.ticket_month

)

select * from final
