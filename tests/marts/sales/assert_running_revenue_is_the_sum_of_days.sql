-- On every day the running revenue is the sum of that day and all days before, to the cent.
with

days as (

    select
        sale_date,
        running_revenue,
        sum(total_revenue) over (
            order by sale_date
            rows between unbounded preceding and current row
        ) as revenue_so_far
    from {{ ref('daily_sales') }}

)

select *
from days
where coalesce(running_revenue <> revenue_so_far, true)
