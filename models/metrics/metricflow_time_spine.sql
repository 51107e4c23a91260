-- One row per day from the month of the first order to the as-of date. dim_dates runs on to the end
-- of the year, which would give running totals and comparisons rows in the future.
with

days as (

    select
        date_day,
        month_start_date
    from {{ ref('dim_dates') }}
    where not is_future

),

clock as (

    select first_order_month
    from {{ ref('dim_clock') }}

),

final as (

    select days.date_day
    from days
    inner join clock on days.month_start_date >= clock.first_order_month

)

select * from final
