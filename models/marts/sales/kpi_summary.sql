-- One row per KPI: its value over the var kpi_period_days days up to the as-of date, and over as
-- many days before, null where the shop is not that old. Revenue is net of refunds given in the
-- period.
with

clock as (

    select
        as_of_date,
        first_order_date
    from {{ ref('dim_clock') }}

),

movements as (

    select
        movement_id,
        order_id,
        customer_id,
        customer_order_number,
        units,
        net_sales,
        refunds,
        net_revenue,
        cost_of_goods_sold,
        is_sale,
        movement_date
    from {{ ref('fct_revenue_movements') }}

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
movements_of_period as (

    select
        periods.period,
        count(distinct case when movements.is_sale then movements.order_id end) as orders,
        count(distinct case when movements.is_sale then movements.customer_id end)
            as active_customers,
        count(distinct case
            when movements.is_sale and movements.customer_order_number = 1
                then movements.customer_id
        end) as new_customers,
        count(distinct case
            when movements.is_sale and movements.customer_id is null then movements.order_id
        end) as guest_orders,
        coalesce(sum(movements.units), 0) as units,
        coalesce(sum(movements.net_sales), 0) as net_sales,
        coalesce(sum(movements.refunds), 0) as refunds,
        coalesce(sum(movements.net_revenue), 0) as net_revenue,
        sum(movements.cost_of_goods_sold) as cost_of_goods_sold
    from periods
    left join movements
        on movements.movement_date between periods.period_start and periods.period_end
    group by periods.period

),

-- What was known of customers when each period ended.
customers_to_date as (

    select
        periods.period,
        movements.customer_id,
        count(distinct case when movements.is_sale then movements.order_id end)
            as orders_to_date,
        sum(movements.net_revenue) as net_revenue_to_date,
        max(case when movements.is_sale then movements.movement_date end)
        >= min(periods.period_start) as is_active
    from periods
    inner join movements on periods.period_end >= movements.movement_date
    where movements.customer_id is not null
    group by periods.period, movements.customer_id

),

customers_of_period as (

    select
        period,
        sum(case when orders_to_date > 0 then 1 else 0 end) as customers,
        sum(net_revenue_to_date) as net_revenue_to_date,
        sum(case when is_active and orders_to_date > 1 then 1 else 0 end) as repeat_customers
    from customers_to_date
    group by period

),

measures as (

    select
        periods.period,
        periods.period_start,
        periods.period_end,
        movements_of_period.orders,
        movements_of_period.active_customers,
        movements_of_period.new_customers,
        movements_of_period.guest_orders,
        movements_of_period.units,
        movements_of_period.net_sales,
        movements_of_period.refunds,
        movements_of_period.net_revenue,
        movements_of_period.net_revenue - movements_of_period.cost_of_goods_sold
            as gross_margin,
        coalesce(customers_of_period.customers, 0) as customers,
        customers_of_period.repeat_customers,
        customers_of_period.net_revenue_to_date as customer_revenue_to_date
    from periods
    inner join movements_of_period on periods.period = movements_of_period.period
    left join customers_of_period on periods.period = customers_of_period.period
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
    ('units_per_transaction', 'ratio', divide('units', 'orders', 6)),
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
