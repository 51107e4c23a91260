-- One row per month from the first order to the as-of date: how far more or fewer customers, orders
-- per customer, units per order and the price of a unit moved net sales from the month before.
--
-- net sales = customers x frequency x basket x price holds by definition. The change is split by
-- Shapley's value: each factor gets its effect averaged over every order in which the four could have
-- moved (Sun 1998; Shorrocks 2013), which leaves no residual. The log-mean split (LMDI, Ang 2004) is
-- as exact, but takes logarithms: it has no value where net sales are zero or below.
with

months as (

    select
        sales_month,
        unique_customers + guest_orders as customers,
        total_orders as orders,
        units,
        net_sales,
        is_complete
    from {{ ref('monthly_sales') }}

),

months_paired as (

    select
        *,
        lag(customers) over (order by sales_month) as previous_customers,
        lag(orders) over (order by sales_month) as previous_orders,
        lag(units) over (order by sales_month) as previous_units,
        lag(net_sales) over (order by sales_month) as previous_net_sales
    from months

),

-- Where a month knows no units (orders without lines), both months count an order as one unit.
months_counted as (

    select
        *,
        case
            when
                (orders > 0 and units <= 0) or (previous_orders > 0 and previous_units <= 0)
                then orders
            else units
        end as basket_units,
        case
            when
                (orders > 0 and units <= 0) or (previous_orders > 0 and previous_units <= 0)
                then previous_orders
            else previous_units
        end as previous_basket_units
    from months_paired

),

ratios as (

    select
        *,
        cast(orders as double precision) / nullif(customers, 0) as frequency,
        cast(previous_orders as double precision) / nullif(previous_customers, 0)
            as previous_frequency,
        cast(basket_units as double precision) / nullif(orders, 0) as basket,
        cast(previous_basket_units as double precision) / nullif(previous_orders, 0)
            as previous_basket,
        cast(net_sales as double precision) / nullif(basket_units, 0) as price,
        cast(previous_net_sales as double precision) / nullif(previous_basket_units, 0)
            as previous_price
    from months_counted

),

-- A month without sales has no ratios: those of the other month stand in, so that the whole change
-- falls on customers.
factors as (

    select
        sales_month,
        cast(customers as double precision) as c1,
        cast(previous_customers as double precision) as c0,
        coalesce(frequency, previous_frequency, 0) as f1,
        coalesce(previous_frequency, frequency, 0) as f0,
        coalesce(basket, previous_basket, 0) as b1,
        coalesce(previous_basket, basket, 0) as b0,
        coalesce(price, previous_price, 0) as p1,
        coalesce(previous_price, price, 0) as p0
    from ratios

),

-- The average over the 24 orders of four factors, times 12: the factor's change times each product
-- of the other three, the two whose parts are all of one month counting three times.
{% set factors = ['c', 'f', 'b', 'p'] %}
effects as (

    select
        sales_month,
        {%- for factor in factors %}
        {%- set x, y, z = factors | reject('equalto', factor) | list %}
        ({{ factor }}1 - {{ factor }}0) * (
            ({{ x }}0 + {{ x }}1) * ({{ y }}0 + {{ y }}1) * ({{ z }}0 + {{ z }}1)
            + 2 * ({{ x }}0 * {{ y }}0 * {{ z }}0 + {{ x }}1 * {{ y }}1 * {{ z }}1)
        ) as {{ factor }}_effect{{ ',' if not loop.last }}
        {%- endfor %}
    from factors

),

-- Rounding the running sum and taking differences keeps the effects' sum equal to the change.
effects_accumulated as (

    select
        sales_month,
        {{ divide('c_effect', '12') }} as up_to_customers,
        {{ divide('(c_effect + f_effect)', '12') }} as up_to_frequency,
        {{ divide('(c_effect + f_effect + b_effect)', '12') }} as up_to_basket
    from effects

),

final as (

    select
        months_counted.sales_month,
        cast(months_counted.customers as bigint) as customers,
        cast(months_counted.orders as bigint) as total_orders,
        cast(months_counted.units as bigint) as units,
        months_counted.net_sales,
        {{ divide('months_counted.orders', 'months_counted.customers', 6) }}
            as orders_per_customer,
        {{ divide('months_counted.units', 'months_counted.orders', 6) }} as units_per_order,
        {{ divide('months_counted.net_sales', 'months_counted.units') }} as price_per_unit,
        {%- set change = 'months_counted.net_sales - months_counted.previous_net_sales' %}
        {%- for name, effect in [
            ('net_sales_change', change),
            ('customers_effect', 'effects_accumulated.up_to_customers'),
            (
                'frequency_effect',
                'effects_accumulated.up_to_frequency - effects_accumulated.up_to_customers'
            ),
            (
                'basket_effect',
                'effects_accumulated.up_to_basket - effects_accumulated.up_to_frequency'
            ),
            ('price_effect', change ~ ' - effects_accumulated.up_to_basket'),
        ] %}
        cast(case when months_counted.is_complete then {{ effect }} end as numeric(18, 2))
            as {{ name }},
        {%- endfor %}
        months_counted.is_complete
    from months_counted
    inner join effects_accumulated
        on months_counted.sales_month = effects_accumulated.sales_month

)

select * from final
