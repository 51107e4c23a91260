-- One row per fit period: full ends on the as-of date; calibration ends earlier, and what customers
-- did between its end and the as-of date (the hold-out) judges the forecasts made on it.
with

clock as (

    select
        as_of_date,
        first_order_date
    from {{ ref('dim_clock') }}

),

calibration as (

    select
        as_of_date,
        least(
            as_of_date,
            {%- if var('clv_calibration_end_date') %}
            cast('{{ var("clv_calibration_end_date") }}' as date)
            {%- else %}
            -- half of the shop's history
            cast({{ dbt.dateadd(
                'day',
                'cast(floor(' ~ dbt.datediff('first_order_date', 'as_of_date', 'day')
                ~ ' * 0.5) as integer)',
                'first_order_date'
            ) }} as date)
            {%- endif %}
        ) as period_end_date
    from clock

),

final as (

    select
        'full' as fit_period,
        cast(0 as bigint) as holdout_days,
        as_of_date as period_end_date
    from clock
    union all
    select
        'calibration' as fit_period,
        cast({{ dbt.datediff('period_end_date', 'as_of_date', 'day') }} as bigint) as holdout_days,
        period_end_date
    from calibration

)

select * from final
