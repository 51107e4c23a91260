-- One row per customer who has bought: whether they are still a customer, and how often they will
-- order. Where no model is fitted every customer orders at random at the shop's mean rate.
{{ config(materialized='table') }}
{%- set unit, horizon, parts = constant('clv_time_unit_days'), var('clv_horizon_days'), 12 %}
{%- set lapse_odds = (1 - constant('clv_lapse_probability')) / constant('clv_lapse_probability') %}
{%- set mean_discount = namespace(sum=0) %}
{%- for weight in clv_discount_weights(parts) %}
{%- set mean_discount.sum = mean_discount.sum + weight * loop.index / parts %}
{%- endfor %}
with

customers as (

    select
        customer_id,
        repeat_purchases,
        age,
        cast(repeat_purchases as {{ dbt.type_float() }}) as x,
        recency as t_x,
        age as t
    from {{ ref('int_customer_purchase_history') }}
    where fit_period = 'full'

),

fit as (

    select
        r,
        alpha,
        a,
        b,
        mean_orders_per_day,
        mean_probability_alive,
        is_fitted,
        coalesce(is_dropout_fitted, false) as is_dropout_fitted
    from {{ ref('clv_model_fit') }}
    where fit_period = 'full' and model = 'mbg_nbd'

),

survival as (

    select
        customer_id,
        max(case when model = 'mbg_nbd' then probability_alive end) as probability_alive,
        max(case when model = 'bg_nbd' then probability_alive end) as probability_alive_bg
    from {{ ref('int_clv_survival_estimated') }}
    where fit_period = 'full'
    group by customer_id

),

orders_if_alive as (

    select
        repeat_purchases,
        age,
        orders_30d,
        orders_90d,
        orders_365d,
        orders,
        order_pairs,
        discounted_orders
    from {{ ref('int_clv_orders_if_alive') }}
    where fit_period = 'full' and model = 'mbg_nbd'

),

customers_modelled as (

    select
        customers.customer_id,
        survival.probability_alive,
        survival.probability_alive_bg,
        {%- for column in ['orders_30d', 'orders_90d', 'orders_365d', 'orders', 'order_pairs'] %}
        survival.probability_alive * orders_if_alive.{{ column }} as {{ column }},
        {%- endfor %}
        orders_if_alive.discounted_orders / orders_if_alive.orders as mean_discount,
        -- an alive customer orders at all within the horizon
        case
            when fit.is_fitted
                then survival.probability_alive * (1 - {{ safe_exp(
                    '-(fit.r + customers.x) * ln(1 + ' ~ horizon / unit
                    ~ ' / (fit.alpha + customers.t))'
                ) }})
        end as probability_ordering,
        -- the silence after which the odds of having left reach those of constant
        -- clv_lapse_probability
        case
            when fit.is_fitted
                then {{ unit }} * (fit.alpha + customers.t_x) * greatest(
                    exp(
                        least(
                            ln({{ lapse_odds }} * (fit.b + customers.x) / fit.a)
                            / (fit.r + customers.x),
                            20
                        )
                    ) - 1,
                    0
                )
        end as lapse_days,
        fit.mean_orders_per_day,
        fit.mean_probability_alive,
        fit.is_fitted,
        fit.is_dropout_fitted
    from customers
    cross join fit
    left join survival on customers.customer_id = survival.customer_id
    left join orders_if_alive
        on
            customers.repeat_purchases = orders_if_alive.repeat_purchases
            and customers.age = orders_if_alive.age

),

final as (

    select
        customer_id,
        coalesce(probability_alive, mean_probability_alive) as probability_alive,
        coalesce(probability_alive_bg, mean_probability_alive) as probability_alive_bg,
        lapse_days,
        {%- for column, days in [
            ('orders_30d', 30), ('orders_90d', 90), ('orders_365d', 365), ('orders', horizon),
        ] %}
        coalesce({{ column }}, mean_orders_per_day * {{ days }}) as {{ column }},
        {%- endfor %}
        coalesce(order_pairs, power(mean_orders_per_day * {{ horizon }}, 2)) as order_pairs,
        coalesce(
            probability_ordering, 1 - {{ safe_exp('-mean_orders_per_day * ' ~ horizon) }}
        ) as probability_ordering,
        coalesce(mean_discount, {{ mean_discount.sum }}) as mean_discount,
        is_fitted,
        is_dropout_fitted
    from customers_modelled

)

select * from final
