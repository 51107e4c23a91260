-- One row per support ticket opened by the as-of date, as it stood then: what was replied or
-- resolved later had not happened, and a ticket in one of var open_ticket_statuses is open
-- whatever its dates.
with

tickets as (

    select
        ticket_id,
        customer_id,
        order_id,
        topic,
        status,
        satisfaction,
        opened_at,
        first_replied_at,
        resolved_at
    from {{ ref('stg_support_tickets') }}

),

clock as (

    select as_of_date
    from {{ ref('dim_clock') }}

),

tickets_as_of as (

    select
        tickets.*,
        coalesce(
            tickets.status in ({{ quoted_list(var('open_ticket_statuses')) }}),
            tickets.resolved_at is null
        ) as is_open_status,
        coalesce(cast(tickets.resolved_at as date) > clock.as_of_date, false) as is_resolved_later,
        coalesce(cast(tickets.first_replied_at as date) > clock.as_of_date, false)
            as is_replied_later
    from tickets
    inner join clock on cast(tickets.opened_at as date) <= clock.as_of_date

),

final as (

    select
        -- identifiers
        ticket_id,
        customer_id,
        order_id,

        -- dimensions
        coalesce(topic, 'Unknown') as topic,
        case when is_resolved_later then 'open' else coalesce(status, 'Unknown') end as status,

        -- measures
        case when not is_open_status and not is_resolved_later then satisfaction end
            as satisfaction,
        cast({{ dbt.datediff(
            'opened_at',
            'case
                when first_replied_at is not null and not is_replied_later
                    then greatest(first_replied_at, opened_at)
            end',
            'second'
        ) }} as bigint) as seconds_to_first_reply,
        cast({{ dbt.datediff(
            'opened_at',
            'case
                when resolved_at is not null and not is_open_status and not is_resolved_later
                    then greatest(resolved_at, opened_at)
            end',
            'second'
        ) }} as bigint) as seconds_to_resolution,

        -- metadata
        is_open_status or is_resolved_later as is_open,
        coalesce(status = 'reopened', false) and not is_resolved_later as is_reopened,
        cast(opened_at as date) as opened_on,
        cast(case when not is_open_status and not is_resolved_later then resolved_at end as date)
            as resolved_on,
        opened_at
    from tickets_as_of

)

select * from final
