-- One row per predictor x slice of the customers: what the predictor, knowing only the calibration
-- period, expected of the hold-out, and what customers then did. The models face two baselines: the
-- customer's own past rate and the population mean. Reuses the parameters of clv_model_fit.
{%- set unit = var('clv_time_unit_days') %}
with

periods as (

    select holdout_days
    from {{ ref('int_clv_periods') }}
    where fit_period = 'calibration' and holdout_days > 0

),

customers as (

    select
        history.customer_id,
        history.repeat_purchases,
        history.age,
        history.age_days,
        history.total_value,
        cast(history.repeat_purchases as {{ dbt.type_float() }}) as x,
        history.recency as t_x,
        history.age as t,
        coalesce(history.mean_repeat_value, 0) as z,
        history.holdout_purchases,
        history.holdout_value,
        periods.holdout_days
    from {{ ref('int_customer_purchase_history') }} as history
    cross join periods
    where history.fit_period = 'calibration'

),

fits as (

    select
        model,
        r,
        alpha,
        a,
        b,
        p,
        q,
        v,
        mean_orders_per_day,
        mean_order_value,
        is_fitted
    from {{ ref('clv_model_fit') }}
    where fit_period = 'calibration'

),

cells as (

    select distinct
        fits.model,
        'hold-out' as horizon_name,
        customers.repeat_purchases,
        customers.age,
        cast(customers.holdout_days as {{ dbt.type_float() }}) / {{ unit }} as horizon,
        fits.r,
        fits.alpha,
        fits.a,
        fits.b
    from customers
    inner join fits on fits.model in ('bg_nbd', 'mbg_nbd') and fits.is_fitted

),

{{ clv_orders_if_alive('cells') }},

probabilities_alive as (

    select
        fits.model,
        customers.customer_id,
        customers.repeat_purchases,
        customers.age,
        case
            when fits.model = 'mbg_nbd' then {{ clv_probability_alive('mbg_nbd') }}
            else {{ clv_probability_alive('bg_nbd') }}
        end as probability_alive
    from customers
    inner join fits on fits.model in ('bg_nbd', 'mbg_nbd') and fits.is_fitted

),

order_values as (

    select
        customers.customer_id,
        fits.p * (fits.v + customers.x * customers.z)
        / (fits.p * customers.x + fits.q - 1) as order_value
    from customers
    inner join fits on fits.model = 'gamma_gamma' and fits.is_fitted

),

expectations as (

    select
        fits.model as predictor,
        customers.customer_id,
        coalesce(
            probabilities_alive.probability_alive * orders_if_alive.orders,
            fits.mean_orders_per_day * customers.holdout_days
        ) as orders,
        coalesce(order_values.order_value, fits.mean_order_value) as order_value
    from customers
    inner join fits on fits.model in ('bg_nbd', 'mbg_nbd')
    left join probabilities_alive
        on
            customers.customer_id = probabilities_alive.customer_id
            and fits.model = probabilities_alive.model
    left join orders_if_alive
        on
            probabilities_alive.model = orders_if_alive.model
            and probabilities_alive.repeat_purchases = orders_if_alive.repeat_purchases
            and probabilities_alive.age = orders_if_alive.age
    left join order_values on customers.customer_id = order_values.customer_id
    union all
    select
        'own_past_rate' as predictor,
        customer_id,
        coalesce(x / nullif(age_days, 0) * holdout_days, 0) as orders,
        cast(total_value as {{ dbt.type_float() }}) / (x + 1) as order_value
    from customers
    union all
    select
        'population_mean' as predictor,
        customers.customer_id,
        fits.mean_orders_per_day * customers.holdout_days as orders,
        fits.mean_order_value as order_value
    from customers
    inner join fits on fits.model = 'mbg_nbd'

),

-- Ranks are those of rounded numbers, so that ties are ties on every engine.
forecasts as (

    select
        expectations.predictor,
        customers.customer_id,
        customers.repeat_purchases,
        expectations.orders as expected_orders,
        cast(expectations.orders as numeric(18, 9)) as ranked_orders,
        expectations.orders * expectations.order_value as expected_revenue,
        customers.holdout_purchases as actual_orders,
        customers.holdout_value as actual_revenue
    from customers
    inner join expectations on customers.customer_id = expectations.customer_id

),

forecasts_ranked as (

    select
        *,
        ntile(10) over (
            partition by predictor order by ranked_orders desc, customer_id
        ) as decile,
        rank() over (partition by predictor order by ranked_orders)
        + (count(*) over (partition by predictor, ranked_orders) - 1) / 2.0 as expected_rank,
        rank() over (partition by predictor order by actual_orders)
        + (count(*) over (partition by predictor, actual_orders) - 1) / 2.0 as actual_rank
    from forecasts

),

forecasts_sliced as (

    select
        *,
        'all' as slice_type,
        'all customers' as slice
    from forecasts_ranked
    union all
    select
        *,
        'repeat_purchases' as slice_type,
        case
            when repeat_purchases >= 7 then '7 or more'
            else cast(repeat_purchases as {{ dbt.type_string() }})
        end as slice
    from forecasts_ranked
    union all
    select
        *,
        'decile' as slice_type,
        cast(decile as {{ dbt.type_string() }}) as slice
    from forecasts_ranked

),

slices as (

    select
        predictor,
        slice_type,
        slice,
        count(*) as customers,
        sum(actual_orders) as actual_orders,
        sum(expected_orders) as expected_orders,
        sum(actual_revenue) as actual_revenue,
        sum(expected_revenue) as expected_revenue,
        avg(abs(expected_orders - actual_orders)) as mean_absolute_error,
        sqrt(avg(power(expected_orders - actual_orders, 2))) as root_mean_squared_error,
        -- Spearman: the correlation of ranks; none where a side has one value only
        case
            when min(expected_rank) < max(expected_rank) and min(actual_rank) < max(actual_rank)
                then corr(
                    cast(expected_rank as {{ dbt.type_float() }}),
                    cast(actual_rank as {{ dbt.type_float() }})
                )
        end as rank_correlation
    from forecasts_sliced
    group by predictor, slice_type, slice

),

final as (

    select
        predictor,
        slice_type,
        slice,
        cast(customers as bigint) as customers,
        cast(actual_orders as bigint) as actual_orders,
        expected_orders,
        expected_orders - actual_orders as error_orders,
        (expected_orders - actual_orders) / nullif(actual_orders, 0) as relative_error,
        mean_absolute_error,
        root_mean_squared_error,
        case when slice_type = 'all' then rank_correlation end as rank_correlation,
        cast(actual_revenue as numeric(18, 2)) as actual_revenue,
        cast(expected_revenue as numeric(18, 2)) as expected_revenue
    from slices

)

select * from final
