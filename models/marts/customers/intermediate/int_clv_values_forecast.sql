-- One row per customer who has bought: the value of the orders to come, discounted, and the range
-- the actual value will lie in with probability var clv_interval_level. The value is 0 unless the
-- customer orders; given an order it is taken as lognormal with the mean and variance the models
-- give.
with

orders as (

    select
        customer_id,
        orders,
        order_pairs,
        probability_ordering,
        mean_discount
    from {{ ref('int_clv_orders_expected') }}

),

order_values as (

    select
        customer_id,
        order_value,
        order_value_square,
        order_value_product
    from {{ ref('int_clv_order_values_expected') }}
    where fit_period = 'full'

),

values_multiplied as (

    select
        orders.customer_id,
        orders.probability_ordering,
        orders.orders * orders.mean_discount * order_values.order_value as clv,
        power(orders.mean_discount, 2) * (
            orders.orders * order_values.order_value_square
            + orders.order_pairs * order_values.order_value_product
        ) as clv_square
    from orders
    inner join order_values on orders.customer_id = order_values.customer_id

),

values_spread as (

    select
        customer_id,
        clv,
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
    from values_multiplied

),

bounds as (

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
        customer_id,
        clv
    from values_spread

),

final as (

    select
        customer_id,
        clv,
        least(clv_lower, clv) as clv_lower,
        greatest(clv_upper, clv) as clv_upper
    from bounds

)

select * from final
