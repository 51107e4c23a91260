-- One row per customer who has bought: what they were worth, whether they are still a customer, and
-- what to expect of them. Reuses the parameters of clv_model_fit.
{%- set unit, horizon, steps = var('clv_time_unit_days'), var('clv_horizon_days'), 12 %}
{%- set lapse_odds = (1 - var('clv_lapse_probability')) / var('clv_lapse_probability') %}
with

customers as (

    select
        customer_id,
        repeat_purchases,
        silence_days,
        recency,
        age,
        cast(repeat_purchases as {{ dbt.type_float() }}) as x,
        recency as t_x,
        age as t,
        coalesce(mean_repeat_value, 0) as z,
        first_purchase_date,
        last_purchase_date
    from {{ ref('int_customer_purchase_history') }}
    where fit_period = 'full'

),

orders as (

    select
        customer_id,
        order_id,
        net_revenue,
        gross_margin
    from {{ ref('fct_orders') }}
    where is_sale and customer_id is not null

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
        mean_probability_alive,
        is_fitted,
        is_dropout_fitted
    from {{ ref('clv_model_fit') }}
    where fit_period = 'full'

),

orders_summed_to_customer as (

    select
        customer_id,
        count(*) as historical_orders,
        sum(net_revenue) as historical_revenue,
        sum(gross_margin) as historical_margin
    from orders
    group by customer_id

),

-- The shop's rate, because that of one customer is mostly chance.
shop_margin as (

    select {{ divide('sum(gross_margin)', 'sum(net_revenue)', 6) }} as margin_rate
    from orders

),

-- The discount of a twelfth of the horizon is that of its middle. Orders are counted from today, so
-- those up to the end of one twelfth weigh by how much later ones are discounted further.
horizons as (

    select
        horizon_name,
        cast(horizon_days as {{ dbt.type_float() }}) as horizon_days,
        cast(discount_weight as {{ dbt.type_float() }}) as discount_weight
    from (
        values
        {%- for days in [30, 90, 365, horizon] %}
        ('{{ 'all' if loop.last else days }}', {{ days }}, 0),
        {%- endfor %}
        {%- for step in range(1, steps + 1) %}
        {%- set years = (step - 0.5) * horizon / steps / 365 %}
        {%- set factor = (1 + var('clv_discount_rate')) ** (-years) %}
        {%- set next_factor = factor * (1 + var('clv_discount_rate')) ** (-horizon / steps / 365) %}
        {%- set weight = factor - (0 if loop.last else next_factor) %}
        ('step {{ step }}', {{ step * horizon / steps }}, {{ weight }})
        {{- ',' if not loop.last }}
        {%- endfor %}
    ) as named (horizon_name, horizon_days, discount_weight)

),

discounts as (

    select sum(discount_weight * horizon_days) / {{ horizon }} as mean_discount
    from horizons

),

cells as (

    select distinct
        fits.model,
        horizons.horizon_name,
        customers.repeat_purchases,
        customers.age,
        horizons.horizon_days / {{ unit }} as horizon,
        fits.r,
        fits.alpha,
        fits.a,
        fits.b
    from customers
    cross join horizons
    inner join fits on fits.model = 'mbg_nbd' and fits.is_fitted

),

{{ clv_orders_if_alive('cells') }},

orders_if_alive_by_horizon as (

    select
        orders_if_alive.repeat_purchases,
        orders_if_alive.age,
        max(case when horizons.horizon_name = '30' then orders_if_alive.orders end) as orders_30d,
        max(case when horizons.horizon_name = '90' then orders_if_alive.orders end) as orders_90d,
        max(case when horizons.horizon_name = '365' then orders_if_alive.orders end) as orders_365d,
        max(case when horizons.horizon_name = 'all' then orders_if_alive.orders end) as orders,
        max(case when horizons.horizon_name = 'all' then orders_if_alive.order_pairs end)
            as order_pairs,
        sum(horizons.discount_weight * orders_if_alive.orders) as discounted_orders
    from orders_if_alive
    inner join horizons on orders_if_alive.horizon_name = horizons.horizon_name
    group by orders_if_alive.repeat_purchases, orders_if_alive.age

),

customers_modelled as (

    select
        fits.model,
        customers.customer_id,
        customers.x,
        customers.t_x,
        customers.t,
        customers.z,
        fits.r,
        fits.alpha,
        fits.a,
        fits.b,
        fits.p,
        fits.q,
        fits.v
    from customers
    inner join fits on fits.is_fitted

),

alive_mbg as (

    select
        customer_id,
        {{ clv_probability_alive('mbg_nbd') }} as probability_alive,
        -- an alive customer orders at all within the horizon
        1 - {{ safe_exp('-(r + x) * ln(1 + ' ~ horizon / unit ~ ' / (alpha + t))') }}
            as probability_ordering,
        -- the silence after which the odds of having left reach those of var clv_lapse_probability
        {{ unit }} * (alpha + t_x) * greatest(
            exp(least(ln({{ lapse_odds }} * (b + x) / a) / (r + x), 20)) - 1, 0
        ) as lapse_days
    from customers_modelled
    where model = 'mbg_nbd'

),

alive_bg as (

    select
        customer_id,
        {{ clv_probability_alive('bg_nbd') }} as probability_alive
    from customers_modelled
    where model = 'bg_nbd'

),

-- Under Gamma-Gamma the mean order value of a customer is p times an inverse gamma variable with
-- shape p x + q and scale v + x z; second moments of one order and of two orders follow from it.
-- With shape below 2.1 they would be next to infinite and are held there.
order_values as (

    select
        customer_id,
        p * (v + x * z) / (p * x + q - 1) as order_value,
        p * (p + 1) * power(v + x * z, 2)
        / ((p * x + q - 1) * greatest(p * x + q - 2, 0.1)) as order_value_square,
        p * p * power(v + x * z, 2)
        / ((p * x + q - 1) * greatest(p * x + q - 2, 0.1)) as order_value_product
    from customers_modelled
    where model = 'gamma_gamma'

),

-- Where a model is not fitted every customer orders at random at the shop's mean rate, and an
-- order's value varies as much as its mean.
forecasts as (

    select
        customers.customer_id,
        coalesce(alive_mbg.probability_alive, averages.mean_probability_alive) as probability_alive,
        coalesce(alive_bg.probability_alive, averages.mean_probability_alive)
            as probability_alive_bg,
        alive_mbg.lapse_days,
        {%- for column, days in [
            ('orders_30d', 30), ('orders_90d', 90), ('orders_365d', 365), ('orders', horizon),
        ] %}
        coalesce(
            alive_mbg.probability_alive * orders_if_alive_by_horizon.{{ column }},
            averages.mean_orders_per_day * {{ days }}
        ) as {{ column }},
        {%- endfor %}
        coalesce(
            alive_mbg.probability_alive * orders_if_alive_by_horizon.order_pairs,
            power(averages.mean_orders_per_day * {{ horizon }}, 2)
        ) as order_pairs,
        coalesce(
            alive_mbg.probability_alive * alive_mbg.probability_ordering,
            1 - {{ safe_exp('-averages.mean_orders_per_day * ' ~ horizon) }}
        ) as probability_ordering,
        coalesce(
            orders_if_alive_by_horizon.discounted_orders / orders_if_alive_by_horizon.orders,
            discounts.mean_discount
        ) as mean_discount,
        coalesce(order_values.order_value, averages.mean_order_value) as order_value,
        coalesce(order_values.order_value_square, 2 * power(averages.mean_order_value, 2))
            as order_value_square,
        coalesce(order_values.order_value_product, power(averages.mean_order_value, 2))
            as order_value_product,
        averages.is_fitted,
        coalesce(averages.is_dropout_fitted, false) as is_dropout_fitted
    from customers
    inner join fits as averages on averages.model = 'mbg_nbd'
    cross join discounts
    left join alive_mbg on customers.customer_id = alive_mbg.customer_id
    left join alive_bg on customers.customer_id = alive_bg.customer_id
    left join order_values on customers.customer_id = order_values.customer_id
    left join orders_if_alive_by_horizon
        on
            customers.repeat_purchases = orders_if_alive_by_horizon.repeat_purchases
            and customers.age = orders_if_alive_by_horizon.age

),

values_forecast as (

    select
        *,
        orders * mean_discount * order_value as clv,
        power(mean_discount, 2)
        * (orders * order_value_square + order_pairs * order_value_product) as clv_square
    from forecasts

),

-- The value is 0 unless the customer orders; given an order it is taken as lognormal with the mean
-- and variance the models give.
intervals_measured as (

    select
        customer_id,
        case
            when clv > 0 then sqrt(ln(greatest(
                clv_square * probability_ordering / power(clv, 2), 1 + 1e-9
            )))
        end as spread,
        case when clv > 0 then ln(clv / probability_ordering) end as log_mean,
        1 - {{ (1 - var('clv_interval_level')) / 2 }} / nullif(probability_ordering, 0)
            as upper_level,
        1 - {{ (1 + var('clv_interval_level')) / 2 }} / nullif(probability_ordering, 0)
            as lower_level
    from values_forecast

),

intervals as (

    select
        {%- for bound in ['lower', 'upper'] %}
        case
            when {{ bound }}_level > 0 and spread is not null
                then {{ safe_exp(
                    'log_mean - power(spread, 2) / 2 + spread * '
                    ~ normal_quantile('greatest(' ~ bound ~ '_level, 1e-9)')
                ) }}
            else 0
        end as clv_{{ bound }},
        {%- endfor %}
        customer_id
    from intervals_measured

),

priced as (

    select
        values_forecast.customer_id,
        values_forecast.probability_alive,
        values_forecast.is_fitted,
        values_forecast.is_dropout_fitted,
        cast(values_forecast.orders as numeric(18, 1)) as rounded_orders,
        cast(values_forecast.order_value as numeric(18, 2)) as expected_order_value,
        cast(values_forecast.clv as numeric(18, 2)) as clv,
        cast(least(intervals.clv_lower, values_forecast.clv) as numeric(18, 2)) as clv_lower,
        cast(greatest(intervals.clv_upper, values_forecast.clv) as numeric(18, 2)) as clv_upper,
        cast(
            cast(values_forecast.clv as numeric(18, 2)) * shop_margin.margin_rate as numeric(18, 2)
        ) as clv_margin,
        cast(
            case
                when values_forecast.is_dropout_fitted
                    then least(floor(values_forecast.lapse_days), 3650)
            end as bigint
        ) as lapse_after_days
    from values_forecast
    inner join intervals on values_forecast.customer_id = intervals.customer_id
    cross join shop_margin

),

final as (

    select
        -- identifiers
        customers.customer_id,

        -- dimensions
        case
            when not priced.is_dropout_fitted then 'Unknown'
            when priced.probability_alive >= {{ var('clv_low_risk_probability') }} then 'Low'
            when priced.probability_alive < {{ var('clv_high_risk_probability') }} then 'High'
            else 'Medium'
        end as churn_risk,
        'Bought on ' || cast(customers.repeat_purchases + 1 as {{ dbt.type_string() }})
        || case when customers.repeat_purchases = 0 then ' day, ' else ' days, the last one ' end
        || cast(customers.silence_days as {{ dbt.type_string() }})
        || case when customers.silence_days = 1 then ' day ago, ' else ' days ago, ' end
        || case
            when priced.is_dropout_fitted
                then
                    'is still a customer with '
                    || cast(
                        cast(100 * priced.probability_alive as numeric(18, 0))
                        as {{ dbt.type_string() }}
                    )
                    || ' % probability and is '
            when priced.is_fitted then 'shows no sign of leaving and is '
            else 'cannot be told apart from other customers yet and like them is '
        end
        || 'expected to place '
        || cast(priced.rounded_orders as {{ dbt.type_string() }})
        || ' orders of about '
        || cast(priced.expected_order_value as {{ dbt.type_string() }})
        || ' within {{ horizon }} days, worth '
        || cast(priced.clv as {{ dbt.type_string() }}) || ' today.' as explanation,

        -- measures
        cast(orders_summed_to_customer.historical_orders as bigint) as historical_orders,
        cast(orders_summed_to_customer.historical_revenue as numeric(18, 2)) as historical_revenue,
        cast(orders_summed_to_customer.historical_margin as numeric(18, 2)) as historical_margin,
        customers.repeat_purchases,
        customers.silence_days,
        priced.lapse_after_days,
        values_forecast.probability_alive,
        values_forecast.probability_alive_bg,
        values_forecast.orders_30d as expected_orders_30d,
        values_forecast.orders_90d as expected_orders_90d,
        values_forecast.orders_365d as expected_orders_365d,
        priced.expected_order_value,
        priced.clv,
        priced.clv_lower,
        priced.clv_upper,
        priced.clv_margin,
        cast(
            ntile(10) over (order by priced.clv desc, customers.customer_id) as bigint
        ) as clv_decile,

        -- metadata
        priced.is_fitted,
        coalesce(customers.silence_days > priced.lapse_after_days, false) as is_lapsed,
        customers.first_purchase_date,
        customers.last_purchase_date
    from customers
    inner join values_forecast on customers.customer_id = values_forecast.customer_id
    inner join priced on customers.customer_id = priced.customer_id
    inner join orders_summed_to_customer
        on customers.customer_id = orders_summed_to_customer.customer_id

)

select * from final
