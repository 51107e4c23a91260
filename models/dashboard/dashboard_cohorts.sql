-- One row per cohort and period since its first one, of the 36 newest cohorts. Periods that cannot
-- have happened yet are not here.
with

cohorts as (

    select
        cohort_period,
        period_number,
        cohort_customers,
        active_customers,
        retention_rate,
        cumulative_revenue_per_customer,
        is_observed,
        is_complete
    from {{ ref('customer_cohorts') }}

),

cohorts_numbered as (

    select
        *,
        dense_rank() over (order by cohort_period desc) as cohort_number
    from cohorts

),

final as (

    select
        cohort_period,
        period_number,
        cohort_customers,
        active_customers,
        retention_rate,
        cumulative_revenue_per_customer,
        is_complete
    from cohorts_numbered
    where is_observed and cohort_number <= 36

)

select * from final
