-- One row per web event.
with

base_events as (

    select * from {{ ref('base_events') }}
    where rejection_reason is null

),

event_types as (

    select
        raw_event_type,
        event_type
    from {{ ref('ref_event_types') }}

),

final as (

    select
        base_events.event_id,
        base_events.visitor_id,
        base_events.session_id,
        base_events.customer_id,
        base_events.product_id,
        event_types.event_type,
        {{ as_code('base_events.channel') }} as channel,
        {{ as_code('base_events.device') }} as device,
        base_events.invalid_columns,
        base_events.occurred_at
    from base_events
    inner join event_types
        on {{ match_key('base_events.event_type') }} = event_types.raw_event_type

)

select * from final
