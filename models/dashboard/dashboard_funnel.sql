-- One row per month and device with web sessions.
with

days as (

    select
        cast({{ dbt.date_trunc('month', 'session_date') }} as date) as month,
        device,
        sessions,
        product_view_sessions,
        cart_sessions,
        checkout_sessions,
        purchase_sessions,
        converted_sessions
    from {{ ref('conversion_funnel') }}
    where sessions > 0

),

final as (

    select
        month,
        device,
        cast(sum(sessions) as bigint) as sessions,
        cast(sum(product_view_sessions) as bigint) as product_view_sessions,
        cast(sum(cart_sessions) as bigint) as cart_sessions,
        cast(sum(checkout_sessions) as bigint) as checkout_sessions,
        cast(sum(purchase_sessions) as bigint) as purchase_sessions,
        cast(sum(converted_sessions) as bigint) as converted_sessions
    from days
    group by month, device

)

select * from final
