-- One row per cohort (var cohort_period of the first sale) x period since, 0 being its own. Cells
-- of periods that have not begun are null; observed cells in which nobody bought are 0.
{%- set period = var('cohort_period') %}
with

days as (

    select date_day
    from {{ ref('dim_dates') }}

),

clock as (

    select
        as_of_date,
        first_order_date
    from {{ ref('dim_clock') }}

),

orders as (

    select
        customer_id,
        customer_order_number,
        cast({{ dbt.date_trunc(period, 'order_date') }} as date) as order_period,
        net_revenue,
        gross_margin
    from {{ ref('fct_orders') }}
    where is_sale and not is_guest

),

-- A shop that knows no costs has no margin in any cell, rather than 0 in those without orders.
costs_known as (

    select count(gross_margin) > 0 as is_known
    from orders

),

-- A period has ended when the day after the as-of date lies in a later one.
period_starts as (

    select distinct
        cast({{ dbt.date_trunc(period, 'days.date_day') }} as date) as period_start,
        cast({{ dbt.date_trunc(period, dbt.dateadd('day', 1, 'clock.as_of_date')) }} as date)
            as period_after_as_of_date
    from days
    inner join clock on days.date_day between clock.first_order_date and clock.as_of_date

),

periods as (

    select
        period_start,
        row_number() over (order by period_start) as period_index,
        period_start < period_after_as_of_date as is_complete
    from period_starts

),

cohort_members as (

    select
        orders.customer_id,
        periods.period_index as cohort_index
    from orders
    inner join periods on orders.order_period = periods.period_start
    where orders.customer_order_number = 1

),

cohort_sizes as (

    select
        cohort_index,
        count(*) as cohort_customers
    from cohort_members
    group by cohort_index

),

orders_summed_to_cell as (

    select
        cohort_members.cohort_index,
        periods.period_index,
        count(distinct orders.customer_id) as active_customers,
        count(*) as orders,
        sum(orders.net_revenue) as net_revenue,
        sum(orders.gross_margin) as gross_margin
    from orders
    inner join cohort_members on orders.customer_id = cohort_members.customer_id
    inner join periods on orders.order_period = periods.period_start
    group by cohort_members.cohort_index, periods.period_index

),

-- Every cohort has as many cells as the first one, so that the table is a square.
cells as (

    select
        cohorts.period_start as cohort_period,
        cohorts.period_index as cohort_index,
        steps.period_index - 1 as period_number,
        cohorts.period_index + steps.period_index - 1 as period_index
    from periods as cohorts
    cross join periods as steps

),

cells_valued as (

    select
        cells.cohort_period,
        cells.period_number,
        coalesce(cohort_sizes.cohort_customers, 0) as cohort_customers,
        coalesce(orders_summed_to_cell.active_customers, 0) as active_customers,
        coalesce(orders_summed_to_cell.orders, 0) as orders,
        coalesce(orders_summed_to_cell.net_revenue, 0) as net_revenue,
        case
            when costs_known.is_known then coalesce(orders_summed_to_cell.gross_margin, 0)
        end as gross_margin,
        sum(coalesce(orders_summed_to_cell.net_revenue, 0)) over (
            partition by cells.cohort_period
            order by cells.period_number
            rows between unbounded preceding and current row
        ) as cumulative_revenue,
        periods.period_start is not null as is_observed,
        coalesce(periods.is_complete, false) as is_complete
    from cells
    cross join costs_known
    left join periods on cells.period_index = periods.period_index
    left join cohort_sizes on cells.cohort_index = cohort_sizes.cohort_index
    left join orders_summed_to_cell
        on
            cells.cohort_index = orders_summed_to_cell.cohort_index
            and cells.period_index = orders_summed_to_cell.period_index

),

final as (

    select
        cohort_period,
        cast(period_number as bigint) as period_number,
        cast(cohort_customers as bigint) as cohort_customers,
        cast(case when is_observed then active_customers end as bigint) as active_customers,
        cast(
            case
                when is_observed then {{ divide('active_customers', 'cohort_customers', 6) }}
            end as numeric(18, 6)
        ) as retention_rate,
        cast(case when is_observed then orders end as bigint) as orders,
        cast(case when is_observed then net_revenue end as numeric(18, 2)) as net_revenue,
        cast(case when is_observed then gross_margin end as numeric(18, 2)) as gross_margin,
        cast(case when is_observed then cumulative_revenue end as numeric(18, 2))
            as cumulative_revenue,
        cast(
            case when is_observed then {{ divide('cumulative_revenue', 'cohort_customers') }} end
            as numeric(18, 2)
        ) as cumulative_revenue_per_customer,
        is_observed,
        is_complete
    from cells_valued

)

select * from final
