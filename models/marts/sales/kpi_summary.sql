-- One row per KPI: its value over the var kpi_period_days days up to the as-of date, and over as
-- many days before, null where the shop is not that old. Revenue is net of refunds given in the
-- period.
with

clock as (

    select
        as_of_date,
        first_order_date
    from {{ ref('int_as_of_date') }}

),

orders as (

    select
        order_id,
        customer_id,
        customer_order_number,
        order_date,
        units,
        net_sales,
        cost_of_goods_sold,
        is_guest
    from {{ ref('fct_orders') }}
    where is_sale

),

refunds as (

    select
        customer_id,
        refund_date,
        amount
    from {{ ref('fct_refunds') }}
    where is_sale

),

periods as (

    select
        'current' as period,
        cast({{ dbt.dateadd('day', 1 - var('kpi_period_days'), 'as_of_date') }} as date)
            as period_start,
        as_of_date as period_end,
        first_order_date
    from clock
    union all
    select
        'previous' as period,
        cast({{ dbt.dateadd('day', 1 - 2 * var('kpi_period_days'), 'as_of_date') }} as date)
            as period_start,
        cast({{ dbt.dateadd('day', -var('kpi_period_days'), 'as_of_date') }} as date) as period_end,
        first_order_date
    from clock

),

-- What happened within each period.
orders_of_period as (

    select
        periods.period,
        count(orders.order_id) as orders,
        count(distinct orders.customer_id) as active_customers,
        sum(case when orders.customer_order_number = 1 then 1 else 0 end) as new_customers,
        sum(case when orders.is_guest then 1 else 0 end) as guest_orders,
        coalesce(sum(orders.units), 0) as units,
        coalesce(sum(orders.net_sales), 0) as net_sales,
        sum(orders.cost_of_goods_sold) as cost_of_goods_sold
    from periods
    left join orders on orders.order_date between periods.period_start and periods.period_end
    group by periods.period

),

refunds_of_period as (

    select
        periods.period,
        coalesce(sum(refunds.amount), 0) as refunds
    from periods
    left join refunds on refunds.refund_date between periods.period_start and periods.period_end
    group by periods.period

),

-- What was known of customers when each period ended.
customers_to_date as (

    select
        periods.period,
        orders.customer_id,
        count(*) as orders_to_date,
        sum(orders.net_sales) as net_sales_to_date,
        max(orders.order_date) >= min(periods.period_start) as is_active
    from periods
    inner join orders on periods.period_end >= orders.order_date
    where not orders.is_guest
    group by periods.period, orders.customer_id

),

refunds_to_date as (

    select
        periods.period,
        sum(refunds.amount) as refunds
    from periods
    inner join refunds on periods.period_end >= refunds.refund_date
    where refunds.customer_id is not null
    group by periods.period

),

customers_of_period as (

    select
        period,
        count(*) as customers,
        sum(net_sales_to_date) as net_sales_to_date,
        sum(case when is_active and orders_to_date > 1 then 1 else 0 end) as repeat_customers
    from customers_to_date
    group by period

),

measures as (

    select
        periods.period,
        periods.period_start,
        periods.period_end,
        orders_of_period.orders,
        orders_of_period.active_customers,
        orders_of_period.new_customers,
        orders_of_period.guest_orders,
        orders_of_period.units,
        orders_of_period.net_sales,
        refunds_of_period.refunds,
        orders_of_period.net_sales - refunds_of_period.refunds as net_revenue,
        orders_of_period.net_sales - refunds_of_period.refunds
        - orders_of_period.cost_of_goods_sold as gross_margin,
        coalesce(customers_of_period.customers, 0) as customers,
        customers_of_period.repeat_customers,
        customers_of_period.net_sales_to_date - coalesce(refunds_to_date.refunds, 0)
            as customer_revenue_to_date
    from periods
    inner join orders_of_period on periods.period = orders_of_period.period
    inner join refunds_of_period on periods.period = refunds_of_period.period
    left join customers_of_period on periods.period = customers_of_period.period
    left join refunds_to_date on periods.period = refunds_to_date.period
    where periods.period = 'current' or periods.period_start >= periods.first_order_date

),

{% set kpis = [
    ('net_revenue', 'money', 'net_revenue'),
    ('net_sales', 'money', 'net_sales'),
    ('refunds', 'money', 'refunds'),
    ('gross_margin', 'money', 'gross_margin'),
    ('gross_margin_rate', 'share', divide('gross_margin', 'net_revenue', 6)),
    ('refund_rate', 'share', divide('refunds', 'net_sales', 6)),
    ('orders', 'count', 'orders'),
    ('units_per_order', 'ratio', divide('units', 'orders', 6)),
    ('avg_order_value', 'money', divide('net_sales', 'orders')),
    ('guest_share', 'share', divide('guest_orders', 'orders', 6)),
    ('customers', 'count', 'customers'),
    ('active_customers', 'count', 'active_customers'),
    ('active_customer_share', 'share', divide('active_customers', 'customers', 6)),
    ('new_customers', 'count', 'new_customers'),
    ('orders_per_customer', 'ratio', divide('orders - guest_orders', 'active_customers', 6)),
    ('repeat_rate', 'share', divide('repeat_customers', 'active_customers', 6)),
    ('avg_clv_to_date', 'money', divide('customer_revenue_to_date', 'customers')),
] %}
kpis as (

    {%- for name, unit, value in kpis %}
    select
        {{ loop.index }} as kpi_number,
        '{{ name }}' as kpi,
        '{{ unit }}' as unit,
        period,
        period_start,
        period_end,
        cast({{ value }} as numeric(18, 6)) as value
    from measures
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        current_period.kpi,
        current_period.unit,
        current_period.kpi_number,
        current_period.value,
        previous_period.value as previous_value,
        {{ growth('current_period.value', 'previous_period.value') }} as value_growth,
        current_period.period_start,
        current_period.period_end,
        previous_period.period_start as previous_period_start,
        previous_period.period_end as previous_period_end
    from kpis as current_period
    left join kpis as previous_period
        on current_period.kpi = previous_period.kpi and previous_period.period = 'previous'
    where current_period.period = 'current'

)

select * from final
