-- One row per cohort x window (var value_window_days): what a customer is worth so many days after
-- the first sale. Null until the window of the cohort's last possible customer has closed.
{%- set period = var('cohort_period') %}
{#- One number instead of a list is for check_knobs to refuse, which comes after parsing. -#}
{%- set window_lengths = var('value_window_days') if var('value_window_days') is iterable else [] %}
with

cohorts as (

    select
        cohort_period,
        cohort_customers
    from {{ ref('customer_cohorts') }}
    where period_number = 0

),

orders as (

    select
        customer_id,
        customer_order_number,
        order_date,
        net_revenue,
        gross_margin
    from {{ ref('fct_orders') }}
    where is_sale and not is_guest

),

clock as (

    select as_of_date
    from {{ ref('dim_clock') }}

),

-- Who first bought before first_open_period has lived through the window by the as-of date.
windows as (

    {%- for days in window_lengths %}
    select
        {{ days }} as window_days,
        cast({{ dbt.date_trunc(period, dbt.dateadd('day', '1 - ' ~ days, 'as_of_date')) }} as date)
            as first_open_period
    from clock
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}

),

costs_known as (

    select count(gross_margin) > 0 as is_known
    from orders

),

first_orders as (

    select
        customer_id,
        order_date as first_order_date,
        cast({{ dbt.date_trunc(period, 'order_date') }} as date) as cohort_period
    from orders
    where customer_order_number = 1

),

orders_placed_in_life as (

    select
        first_orders.cohort_period,
        orders.customer_id,
        orders.customer_order_number,
        orders.net_revenue,
        orders.gross_margin,
        {{ dbt.datediff('first_orders.first_order_date', 'orders.order_date', 'day') }}
            as days_since_first_order
    from orders
    inner join first_orders on orders.customer_id = first_orders.customer_id

),

orders_summed_to_window as (

    select
        orders_placed_in_life.cohort_period,
        windows.window_days,
        count(*) as orders,
        sum(case when orders_placed_in_life.customer_order_number = 2 then 1 else 0 end)
            as repeat_customers,
        sum(orders_placed_in_life.net_revenue) as net_revenue,
        sum(orders_placed_in_life.gross_margin) as gross_margin
    from orders_placed_in_life
    inner join windows on orders_placed_in_life.days_since_first_order <= windows.window_days
    group by orders_placed_in_life.cohort_period, windows.window_days

),

cohort_windows as (

    select
        cohorts.cohort_period,
        windows.window_days,
        cohorts.cohort_customers,
        coalesce(orders_summed_to_window.orders, 0) as orders,
        coalesce(orders_summed_to_window.repeat_customers, 0) as repeat_customers,
        coalesce(orders_summed_to_window.net_revenue, 0) as net_revenue,
        case
            when costs_known.is_known then coalesce(orders_summed_to_window.gross_margin, 0)
        end as gross_margin,
        cohorts.cohort_period < windows.first_open_period as is_observed
    from cohorts
    cross join windows
    cross join costs_known
    left join orders_summed_to_window
        on
            cohorts.cohort_period = orders_summed_to_window.cohort_period
            and windows.window_days = orders_summed_to_window.window_days

),

final as (

    select
        cohort_period,
        cast(window_days as bigint) as window_days,
        cast(cohort_customers as bigint) as cohort_customers,
        cast(case when is_observed then orders end as bigint) as orders,
        cast(case when is_observed then repeat_customers end as bigint) as repeat_customers,
        cast(
            case
                when is_observed then {{ divide('repeat_customers', 'cohort_customers', 6) }}
            end as numeric(18, 6)
        ) as repeat_rate,
        cast(case when is_observed then net_revenue end as numeric(18, 2)) as net_revenue,
        cast(case when is_observed then gross_margin end as numeric(18, 2)) as gross_margin,
        cast(
            case when is_observed then {{ divide('net_revenue', 'cohort_customers') }} end
            as numeric(18, 2)
        ) as revenue_per_customer,
        cast(
            case when is_observed then {{ divide('gross_margin', 'cohort_customers') }} end
            as numeric(18, 2)
        ) as margin_per_customer,
        is_observed
    from cohort_windows

)

select * from final
