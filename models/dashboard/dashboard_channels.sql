-- One row per marketing channel and month, its measures under the names of the metrics.
with

channels as (

    select
        channel,
        activity_month,
        spend,
        sessions,
        converted_sessions,
        orders,
        linear_revenue,
        new_customers
    from {{ ref('channel_performance') }}

),

final as (

    select
        activity_month as month,
        channel,
        spend as marketing_spend,
        cast(case when spend > 0 then spend end as numeric(18, 2)) as acquisition_spend,
        sessions,
        converted_sessions,
        orders,
        linear_revenue,
        new_customers as acquired_customers
    from channels

)

select * from final
