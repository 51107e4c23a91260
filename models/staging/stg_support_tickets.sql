-- One row per support ticket.
with

final as (

    select
        ticket_id,
        customer_id,
        order_id,
        {{ as_code('topic') }} as topic,
        {{ as_code('status') }} as status,
        satisfaction,
        invalid_columns,
        opened_at,
        first_replied_at,
        resolved_at
    from {{ ref('base_support_tickets') }}
    where rejection_reason is null

)

select * from final
