-- One row per day from the first order to the as-of date, days without sales included.
-- Refunds are dated by the day they were given, so total_revenue can be negative.
with recursive

days as (

    select
        sale_date,
        top_category,
        orders,
        active_customers,
        guest_orders,
        units,
        gross_sales,
        discounts,
        net_sales,
        refunds,
        net_revenue
    from {{ ref('int_daily_sales_summed') }}

),

days_windowed as (

    select
        *,
        count(*) over (order by sale_date rows between unbounded preceding and current row)
            as day_of_shop,
        sum(net_revenue) over (order by sale_date rows between 6 preceding and current row)
            as revenue_7_days,
        sum(net_revenue) over (order by sale_date rows between 27 preceding and current row)
            as revenue_28_days
    from days

),

days_numbered as (

    select
        sale_date,
        net_revenue,
        cast({{ dbt.date_trunc('month', 'sale_date') }} as date) as sale_month,
        row_number() over (
            partition by extract(year from sale_date), extract(month from sale_date)
            order by sale_date
        ) as day_number
    from days

),

-- The running total by recursion is there to be read: how SQL carries a value from row to row. A
-- window (sum … over the days so far) gives the same in one line; a test holds the two equal to the
-- cent. It is walked in two steps, the days of all months at once and then the months, so that ten
-- years take 31 + 120 rounds instead of 3,650 that each search all days.
running_within_month (sale_month, day_number, sale_date, running_revenue) as (

    select
        sale_month,
        day_number,
        sale_date,
        cast(net_revenue as numeric(18, 2)) as running_revenue
    from days_numbered
    where day_number = 1
    union all
    select
        days_numbered.sale_month,
        days_numbered.day_number,
        days_numbered.sale_date,
        cast(running_within_month.running_revenue + days_numbered.net_revenue as numeric(18, 2))
            as running_revenue
    from running_within_month
    inner join days_numbered
        on
            running_within_month.sale_month = days_numbered.sale_month
            and days_numbered.day_number = running_within_month.day_number + 1

),

months_numbered as (

    select
        sale_month,
        sum(net_revenue) as net_revenue,
        row_number() over (order by sale_month) as month_number
    from days_numbered
    group by sale_month

),

running_over_months (month_number, sale_month, revenue_before, revenue_after) as (

    select
        month_number,
        sale_month,
        cast(0 as numeric(18, 2)) as revenue_before,
        cast(net_revenue as numeric(18, 2)) as revenue_after
    from months_numbered
    where month_number = 1
    union all
    select
        months_numbered.month_number,
        months_numbered.sale_month,
        running_over_months.revenue_after as revenue_before,
        cast(running_over_months.revenue_after + months_numbered.net_revenue as numeric(18, 2))
            as revenue_after
    from running_over_months
    inner join months_numbered
        on months_numbered.month_number = running_over_months.month_number + 1

),

final as (

    select
        days_windowed.sale_date,
        days_windowed.top_category,
        days_windowed.orders as total_orders,
        days_windowed.active_customers as unique_customers,
        days_windowed.guest_orders,
        days_windowed.units,
        days_windowed.gross_sales,
        days_windowed.discounts,
        days_windowed.net_sales,
        days_windowed.refunds,
        days_windowed.net_revenue as total_revenue,
        {{ divide('days_windowed.net_sales', 'days_windowed.orders') }} as avg_order_value,
        cast(
            case when days_windowed.day_of_shop >= 7 then days_windowed.revenue_7_days end
            as numeric(18, 2)
        ) as revenue_7_days,
        cast(
            case when days_windowed.day_of_shop >= 28 then days_windowed.revenue_28_days end
            as numeric(18, 2)
        ) as revenue_28_days,
        cast(
            running_over_months.revenue_before + running_within_month.running_revenue
            as numeric(18, 2)
        ) as running_revenue
    from days_windowed
    inner join running_within_month on days_windowed.sale_date = running_within_month.sale_date
    inner join running_over_months
        on running_within_month.sale_month = running_over_months.sale_month

)

select * from final
