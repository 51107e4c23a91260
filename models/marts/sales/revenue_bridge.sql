-- One row per month from the first order to the as-of date: how far the number of customers, orders
-- per customer, units per order and the price of a unit moved net sales from the month before.
--
-- net sales = customers x frequency x basket x price holds by definition. The change is split by
-- Shapley's value: each factor gets its effect averaged over every order in which the four could
-- have moved (Sun 1998; Shorrocks 2013), which leaves no residual. The log-mean split (LMDI, Ang
-- 2004) is as exact, but takes logarithms: it has no value where net sales are zero or below.
with

months as (

    select
        sale_month,
        active_customers + guest_orders as customers,
        orders,
        units,
        net_sales,
        is_complete
    from {{ ref('monthly_sales') }}

),

months_paired as (

    select
        *,
        lag(customers) over (order by sale_month) as previous_customers,
        lag(orders) over (order by sale_month) as previous_orders,
        lag(units) over (order by sale_month) as previous_units,
        lag(net_sales) over (order by sale_month) as previous_net_sales
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
        cast(orders as {{ dbt.type_float() }}) / nullif(customers, 0) as frequency,
        cast(previous_orders as {{ dbt.type_float() }}) / nullif(previous_customers, 0)
            as previous_frequency,
        cast(basket_units as {{ dbt.type_float() }}) / nullif(orders, 0) as basket,
        cast(previous_basket_units as {{ dbt.type_float() }}) / nullif(previous_orders, 0)
            as previous_basket,
        cast(net_sales as {{ dbt.type_float() }}) / nullif(basket_units, 0) as price,
        cast(previous_net_sales as {{ dbt.type_float() }}) / nullif(previous_basket_units, 0)
            as previous_price
    from months_counted

),

-- A month without sales has no ratios: those of the other month stand in, so that the whole change
-- falls on customers. c, f, b and p are the four factors, 0 the month before and 1 the month.
factors as (

    select
        sale_month,
        cast(customers as {{ dbt.type_float() }}) as c1,
        cast(previous_customers as {{ dbt.type_float() }}) as c0,
        coalesce(frequency, previous_frequency, 0) as f1,
        coalesce(previous_frequency, frequency, 0) as f0,
        coalesce(basket, previous_basket, 0) as b1,
        coalesce(previous_basket, basket, 0) as b0,
        coalesce(price, previous_price, 0) as p1,
        coalesce(previous_price, price, 0) as p0
    from ratios

),

-- A factor's effect averaged over the 24 orders of four factors, times 12: its change times each
-- product of the other three, those with all three from one month counting three times.
effects as (

    select
        sale_month,
        (c1 - c0) * (
            (f0 + f1) * (b0 + b1) * (p0 + p1)
            + 2 * (f0 * b0 * p0 + f1 * b1 * p1)
        ) as c_effect,
        (f1 - f0) * (
            (c0 + c1) * (b0 + b1) * (p0 + p1)
            + 2 * (c0 * b0 * p0 + c1 * b1 * p1)
        ) as f_effect,
        (b1 - b0) * (
            (c0 + c1) * (f0 + f1) * (p0 + p1)
            + 2 * (c0 * f0 * p0 + c1 * f1 * p1)
        ) as b_effect,
        (p1 - p0) * (
            (c0 + c1) * (f0 + f1) * (b0 + b1)
            + 2 * (c0 * f0 * b0 + c1 * f1 * b1)
        ) as p_effect
    from factors

),

-- Rounding the running sum and taking differences keeps the effects' sum equal to the change.
effects_accumulated as (

    select
        sale_month,
        {{ divide('c_effect', '12') }} as up_to_customers,
        {{ divide('(c_effect + f_effect)', '12') }} as up_to_frequency,
        {{ divide('(c_effect + f_effect + b_effect)', '12') }} as up_to_basket,
        {{ divide('(c_effect + f_effect + b_effect + p_effect)', '12') }} as up_to_price
    from effects

),

final as (

    select
        months_counted.sale_month,
        cast(months_counted.customers as bigint) as customers,
        cast(months_counted.orders as bigint) as orders,
        cast(months_counted.units as bigint) as units,
        months_counted.net_sales,
        {{ divide('months_counted.orders', 'months_counted.customers', 6) }}
            as orders_per_customer,
        {{ divide('months_counted.units', 'months_counted.orders', 6) }} as units_per_transaction,
        {{ divide('months_counted.net_sales', 'months_counted.units') }} as price_per_unit,
        {%- for name, effect in [
            ('net_sales_change', 'net_sales - previous_net_sales'),
            ('customers_effect', 'up_to_customers'),
            ('frequency_effect', 'up_to_frequency - up_to_customers'),
            ('basket_effect', 'up_to_basket - up_to_frequency'),
            ('price_effect', 'up_to_price - up_to_basket'),
        ] %}
        cast(case when months_counted.is_complete then {{ effect }} end as numeric(18, 2))
            as {{ name }},
        {%- endfor %}
        months_counted.is_complete
    from months_counted
    inner join effects_accumulated
        on months_counted.sale_month = effects_accumulated.sale_month

)

select * from final
