-- One row per period since the first sale: all cohorts together that have lived through the whole
-- period, so that large cohorts weigh more and young ones do not pull the curve down.
with

cells as (

    select
        period_number,
        cohort_customers,
        active_customers,
        orders,
        net_revenue,
        gross_margin,
        cumulative_revenue
    from {{ ref('customer_cohorts') }}
    where is_complete and cohort_customers > 0

),

cells_summed_to_period as (

    select
        period_number,
        count(*) as cohorts,
        sum(cohort_customers) as cohort_customers,
        sum(active_customers) as active_customers,
        sum(orders) as orders,
        sum(net_revenue) as net_revenue,
        sum(gross_margin) as gross_margin,
        sum(cumulative_revenue) as cumulative_revenue
    from cells
    group by period_number

),

final as (

    select
        period_number,
        cast(cohorts as bigint) as cohorts,
        cast(cohort_customers as bigint) as cohort_customers,
        cast(active_customers as bigint) as active_customers,
        {{ divide('active_customers', 'cohort_customers', 6) }} as retention_rate,
        {{ divide('orders', 'cohort_customers', 6) }} as orders_per_customer,
        {{ divide('net_revenue', 'cohort_customers') }} as revenue_per_customer,
        {{ divide('gross_margin', 'cohort_customers') }} as margin_per_customer,
        {{ divide('cumulative_revenue', 'cohort_customers') }} as cumulative_revenue_per_customer
    from cells_summed_to_period

)

select * from final
