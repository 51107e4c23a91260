-- One row per month from the first order to the as-of date: the grid of every monthly series.
with

clock as (

    select
        as_of_date,
        as_of_month,
        first_order_month
    from {{ ref('dim_clock') }}

),

months as (

    select distinct
        month_start_date,
        is_month_complete
    from {{ ref('dim_dates') }}

),

months_of_shop as (

    select
        months.month_start_date,
        cast({{ dbt.last_day('months.month_start_date', 'month') }} as date) as month_end_date,
        clock.as_of_date,
        clock.first_order_month,
        months.is_month_complete
    from months
    inner join clock
        on months.month_start_date between clock.first_order_month and clock.as_of_month

),

final as (

    select
        -- identifiers
        month_start_date,

        -- dimensions
        cast(row_number() over (order by month_start_date) as bigint) as month_number,

        -- metadata
        is_month_complete as is_complete,
        month_end_date,
        least(month_end_date, as_of_date) as snapshot_date,
        lag(month_start_date, 1) over (order by month_start_date) as month_before,
        lag(month_start_date, 12) over (order by month_start_date) as month_year_before
    from months_of_shop

)

select * from final
