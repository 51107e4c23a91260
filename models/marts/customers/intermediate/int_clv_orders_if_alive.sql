-- One row per fit period x purchase model x purchase history (repeat purchases, age): the orders to
-- expect of a customer who is still alive. Of the full period within 30, 90 and 365 days and var
-- clv_horizon_days, under the model in use; of the calibration period within its hold-out.
{{ config(materialized='table') }}
{%- set unit, horizon, parts = constant('clv_time_unit_days'), var('clv_horizon_days'), 12 %}
with

histories as (

    select distinct
        fit_period,
        repeat_purchases,
        age
    from {{ ref('int_customer_purchase_history') }}

),

fits as (

    select
        fit_period,
        model,
        r,
        alpha,
        a,
        b
    from {{ ref('clv_model_fit') }}
    where is_fitted and (model = 'mbg_nbd' or (model = 'bg_nbd' and fit_period = 'calibration'))

),

periods as (

    select
        fit_period,
        holdout_days
    from {{ ref('int_clv_periods') }}
    where fit_period = 'calibration' and holdout_days > 0

),

horizons as (

    select
        'full' as fit_period,
        horizon_name,
        cast(horizon_days as {{ dbt.type_float() }}) as horizon_days,
        cast(discount_weight as {{ dbt.type_float() }}) as discount_weight
    from (
        values
        {%- for days in [30, 90, 365, horizon] %}
        ('{{ 'all' if loop.last else days }}', {{ days }}, 0),
        {%- endfor %}
        {%- for weight in clv_discount_weights(parts) %}
        ('part {{ loop.index }}', {{ loop.index * horizon / parts }}, {{ weight }})
        {{- ',' if not loop.last }}
        {%- endfor %}
    ) as named (horizon_name, horizon_days, discount_weight)
    union all
    select
        fit_period,
        'all' as horizon_name,
        cast(holdout_days as {{ dbt.type_float() }}) as horizon_days,
        0 as discount_weight
    from periods

),

cells as (

    select
        fits.fit_period,
        fits.model,
        horizons.horizon_name,
        histories.repeat_purchases,
        histories.age,
        horizons.horizon_days / {{ unit }} as horizon,
        fits.r,
        fits.alpha,
        fits.a,
        fits.b
    from histories
    inner join fits on histories.fit_period = fits.fit_period
    inner join horizons on histories.fit_period = horizons.fit_period

),

{{ clv_orders_if_alive('cells') }},

final as (

    select
        orders_if_alive.fit_period,
        orders_if_alive.model,
        orders_if_alive.repeat_purchases,
        orders_if_alive.age,
        {%- for days in [30, 90, 365] %}
        max(case when horizons.horizon_name = '{{ days }}' then orders_if_alive.orders end)
            as orders_{{ days }}d,
        {%- endfor %}
        max(case when horizons.horizon_name = 'all' then orders_if_alive.orders end) as orders,
        max(case when horizons.horizon_name = 'all' then orders_if_alive.order_pairs end)
            as order_pairs,
        {{ exact_sum('horizons.discount_weight * orders_if_alive.orders', 20) }}
            as discounted_orders
    from orders_if_alive
    inner join horizons
        on
            orders_if_alive.fit_period = horizons.fit_period
            and orders_if_alive.horizon_name = horizons.horizon_name
    group by
        orders_if_alive.fit_period,
        orders_if_alive.model,
        orders_if_alive.repeat_purchases,
        orders_if_alive.age

)

select * from final
