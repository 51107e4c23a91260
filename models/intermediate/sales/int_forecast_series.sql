-- One row per series x complete month: what is to be forecast. Everything after this model knows
-- nothing of shops, so that benchmarks/forecasts.py can run it on any monthly series.
with

months as (

    select
        sales_month,
        total_revenue
    from {{ ref('monthly_sales') }}
    where is_complete

),

final as (

    select
        'net_revenue' as series_id,
        cast(row_number() over (order by sales_month) as bigint) as month_number,
        cast(total_revenue as double precision) as actual,
        sales_month
    from months

)

select * from final
