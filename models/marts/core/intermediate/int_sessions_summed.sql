-- One row per web session: how many events of each type it had, and who and what its first event
-- that names one names.
{%- set named = ['visitor_id', 'customer_id', 'channel', 'device'] %}
{%- set types = [
    'page_view', 'product_view', 'add_to_cart', 'remove_from_cart', 'checkout', 'purchase'
] %}
with

events as (

    select
        event_id,
        session_id,
        visitor_id,
        customer_id,
        event_type,
        channel,
        device,
        is_session_inferred,
        occurred_at
    from {{ ref('fct_events') }}

),

events_summed as (

    select
        session_id,
        {%- for name in named %}
        min({{ name }}) as lowest_{{ name }},
        max({{ name }}) as highest_{{ name }},
        {%- endfor %}
        count(*) as events,
        {%- for type in types %}
        cast(sum(case when event_type = '{{ type }}' then 1 else 0 end) as bigint) as {{ type }}s,
        {%- endfor %}
        max(case when is_session_inferred then 1 else 0 end) as is_session_inferred,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at
    from events
    group by session_id

),

-- Nearly every session names only one of each; only the events of the others are put in order.
sessions_of_many as (

    select session_id
    from events_summed
    where
        lowest_visitor_id < highest_visitor_id
        or lowest_customer_id < highest_customer_id
        or lowest_channel < highest_channel
        or lowest_device < highest_device

),

events_numbered as (

    select
        {%- for name in named %}
        events.{{ name }},
        row_number() over (
            partition by events.session_id
            order by
                case when events.{{ name }} is null then 1 else 0 end,
                events.occurred_at,
                events.event_id
        ) as {{ name }}_choice,
        {%- endfor %}
        events.session_id
    from events
    inner join sessions_of_many on events.session_id = sessions_of_many.session_id

),

first_names as (

    select
        {%- for name in named %}
        max(case when {{ name }}_choice = 1 then {{ name }} end) as {{ name }},
        {%- endfor %}
        session_id
    from events_numbered
    group by session_id

),

final as (

    select
        -- identifiers
        events_summed.session_id,
        {%- for name in named %}
        coalesce(first_names.{{ name }}, events_summed.lowest_{{ name }}) as {{ name }},
        {%- endfor %}

        -- measures
        events_summed.events,
        events_summed.page_views,
        events_summed.product_views,
        events_summed.add_to_carts,
        events_summed.remove_from_carts,
        events_summed.checkouts,
        events_summed.purchases,

        -- metadata
        events_summed.is_session_inferred = 1 as is_session_inferred,
        events_summed.started_at,
        events_summed.ended_at
    from events_summed
    left join first_names on events_summed.session_id = first_names.session_id

)

select * from final
