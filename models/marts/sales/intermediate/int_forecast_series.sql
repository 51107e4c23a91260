-- One row per series x complete month: what is to be forecast. Everything after this model knows
-- nothing of shops, so that benchmarks/forecasts.py can run it on any monthly series.
with

months as (

    select
        month_start_date,
        month_number
    from {{ ref('dim_months') }}
    where is_complete

),

movements as (

    select
        movement_month,
        sum(net_revenue) as net_revenue
    from {{ ref('fct_revenue_movements') }}
    group by movement_month

),

final as (

    select
        'net_revenue' as series_id,
        months.month_number,
        cast(coalesce(movements.net_revenue, 0) as {{ dbt.type_float() }}) as actual,
        months.month_start_date as sale_month
    from months
    left join movements on months.month_start_date = movements.movement_month

)

select * from final
