-- One row per raw row of events, kept or rejected: rejection_reason is null for the rows stg_events
-- keeps.
with

{{ typed_rows('events') }},

event_types as (

    select raw_event_type
    from {{ ref('ref_event_types') }}

),

checked as {{ not_materialized() }} (

    select
        typed.*,
        case
            when typed.contract_violation is not null then typed.contract_violation
            when event_types.raw_event_type is null then 'unknown event_type'
        end as rejection_reason
    from typed
    left join event_types on {{ match_key('typed.event_type') }} = event_types.raw_event_type

),

{{ base_rows('events') }}
