-- One row per customer who has bought: what they were worth, whether they are still a customer, and
-- what to expect of them.
with

customers as (

    select
        customer_id,
        repeat_purchases,
        silence_days,
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

expected as (

    select
        customer_id,
        probability_alive,
        probability_alive_bg,
        lapse_days,
        orders_30d,
        orders_90d,
        orders_365d,
        orders,
        is_fitted,
        is_dropout_fitted
    from {{ ref('int_clv_orders_expected') }}

),

order_values as (

    select
        customer_id,
        order_value
    from {{ ref('int_clv_order_values_expected') }}
    where fit_period = 'full'

),

values_forecast as (

    select
        customer_id,
        clv,
        clv_lower,
        clv_upper
    from {{ ref('int_clv_values_forecast') }}

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

customers_priced as (

    select
        customers.*,
        expected.probability_alive,
        expected.probability_alive_bg,
        expected.orders_30d,
        expected.orders_90d,
        expected.orders_365d,
        expected.is_fitted,
        expected.is_dropout_fitted,
        cast(expected.orders as numeric(18, 1)) as rounded_orders,
        cast(order_values.order_value as numeric(18, 2)) as order_value,
        cast(values_forecast.clv as numeric(18, 2)) as clv,
        cast(values_forecast.clv_lower as numeric(18, 2)) as clv_lower,
        cast(values_forecast.clv_upper as numeric(18, 2)) as clv_upper,
        cast(
            cast(values_forecast.clv as numeric(18, 2)) * shop_margin.margin_rate as numeric(18, 2)
        ) as clv_margin,
        cast(
            case
                when expected.is_dropout_fitted then least(floor(expected.lapse_days), 3650)
            end as bigint
        ) as lapse_after_days
    from customers
    inner join expected on customers.customer_id = expected.customer_id
    inner join order_values on customers.customer_id = order_values.customer_id
    inner join values_forecast on customers.customer_id = values_forecast.customer_id
    cross join shop_margin

),

final as (

    select
        -- identifiers
        priced.customer_id,

        -- dimensions
        case
            when not priced.is_dropout_fitted then 'Unknown'
            when priced.probability_alive >= {{ var('clv_low_risk_probability') }} then 'Low'
            when priced.probability_alive < {{ var('clv_high_risk_probability') }} then 'High'
            else 'Medium'
        end as churn_risk,
        'Bought on ' || cast(priced.repeat_purchases + 1 as {{ dbt.type_string() }})
        || case when priced.repeat_purchases = 0 then ' day, ' else ' days, the last one ' end
        || cast(priced.silence_days as {{ dbt.type_string() }})
        || case when priced.silence_days = 1 then ' day ago, ' else ' days ago, ' end
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
        || cast(priced.order_value as {{ dbt.type_string() }})
        || ' within {{ var('clv_horizon_days') }} days, worth '
        || cast(priced.clv as {{ dbt.type_string() }}) || ' today.' as explanation,

        -- measures
        cast(orders_summed_to_customer.historical_orders as bigint) as historical_orders,
        cast(orders_summed_to_customer.historical_revenue as numeric(18, 2)) as historical_revenue,
        cast(orders_summed_to_customer.historical_margin as numeric(18, 2)) as historical_margin,
        priced.repeat_purchases,
        priced.silence_days,
        priced.lapse_after_days,
        priced.probability_alive,
        priced.probability_alive_bg,
        priced.orders_30d as expected_orders_30d,
        priced.orders_90d as expected_orders_90d,
        priced.orders_365d as expected_orders_365d,
        priced.order_value as expected_order_value,
        priced.clv,
        priced.clv_lower,
        priced.clv_upper,
        priced.clv_margin,
        cast(
            ntile(10) over (order by priced.clv desc, priced.customer_id) as bigint
        ) as clv_decile,

        -- metadata
        priced.is_fitted,
        coalesce(priced.silence_days > priced.lapse_after_days, false) as is_lapsed,
        priced.first_purchase_date,
        priced.last_purchase_date
    from customers_priced as priced
    inner join orders_summed_to_customer
        on priced.customer_id = orders_summed_to_customer.customer_id

)

select * from final
