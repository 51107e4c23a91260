-- Daily and monthly sales cover every day and month from the first order to the as-of date, and the
-- running revenue ends at the sum of all days.
with

clock as (

    select
        as_of_date,
        first_order_date
    from {{ ref('dim_clock') }}

),

daily as (

    select
        count(*) as days,
        min(sale_date) as first_day,
        max(sale_date) as last_day,
        sum(total_revenue) as revenue,
        max(case when is_last then running_revenue end) as running_revenue
    from (
        select
            sale_date,
            total_revenue,
            running_revenue,
            row_number() over (order by sale_date desc) = 1 as is_last
        from {{ ref('daily_sales') }}
    ) as days

),

monthly as (

    select sum(net_revenue) as revenue
    from {{ ref('monthly_sales') }}

)

select
    daily.*,
    monthly.revenue as monthly_revenue
from clock
cross join daily
cross join monthly
where
    daily.days <> {{ dbt.datediff('clock.first_order_date', 'clock.as_of_date', 'day') }} + 1
    or coalesce(daily.first_day <> clock.first_order_date, true)
    or coalesce(daily.last_day <> clock.as_of_date, true)
    or coalesce(daily.revenue <> daily.running_revenue, true)
    or coalesce(daily.revenue <> monthly.revenue, true)
