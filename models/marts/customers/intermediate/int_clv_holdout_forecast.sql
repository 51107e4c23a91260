-- One row per predictor x customer: what the predictor, knowing only the calibration period,
-- expected of the hold-out, and what the customer then did. The models face two baselines: the
-- customer's own past rate and the population mean. Where a model is not fitted the population
-- mean stands in.
with

periods as (

    select
        fit_period,
        holdout_days
    from {{ ref('int_clv_periods') }}
    where fit_period = 'calibration' and holdout_days > 0

),

history as (

    select
        fit_period,
        customer_id,
        repeat_purchases,
        age,
        age_days,
        total_value,
        holdout_purchases,
        holdout_value
    from {{ ref('int_customer_purchase_history') }}

),

fits as (

    select
        model,
        mean_orders_per_day,
        mean_order_value
    from {{ ref('clv_model_fit') }}
    where fit_period = 'calibration' and model in ('bg_nbd', 'mbg_nbd')

),

survival as (

    select
        model,
        customer_id,
        probability_alive
    from {{ ref('int_clv_survival_estimated') }}
    where fit_period = 'calibration'

),

orders_if_alive as (

    select
        model,
        repeat_purchases,
        age,
        orders
    from {{ ref('int_clv_orders_if_alive') }}
    where fit_period = 'calibration'

),

order_values as (

    select
        customer_id,
        order_value
    from {{ ref('int_clv_order_values_expected') }}
    where fit_period = 'calibration'

),

customers as (

    select
        history.*,
        periods.holdout_days
    from history
    inner join periods on history.fit_period = periods.fit_period

),

expectations as (

    select
        fits.model as predictor,
        customers.customer_id,
        coalesce(
            survival.probability_alive * orders_if_alive.orders,
            fits.mean_orders_per_day * customers.holdout_days
        ) as orders,
        order_values.order_value
    from customers
    cross join fits
    inner join order_values on customers.customer_id = order_values.customer_id
    left join survival
        on customers.customer_id = survival.customer_id and fits.model = survival.model
    left join orders_if_alive
        on
            fits.model = orders_if_alive.model
            and customers.repeat_purchases = orders_if_alive.repeat_purchases
            and customers.age = orders_if_alive.age
    union all
    select
        'own_past_rate' as predictor,
        customer_id,
        coalesce(
            cast(repeat_purchases as {{ dbt.type_float() }}) / nullif(age_days, 0) * holdout_days, 0
        ) as orders,
        cast(total_value as {{ dbt.type_float() }}) / (repeat_purchases + 1) as order_value
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

final as (

    select
        expectations.predictor,
        customers.customer_id,
        customers.repeat_purchases,
        expectations.orders as expected_orders,
        expectations.orders * expectations.order_value as expected_revenue,
        customers.holdout_purchases as actual_orders,
        customers.holdout_value as actual_revenue
    from customers
    inner join expectations on customers.customer_id = expectations.customer_id

)

select * from final
