-- One row per acquisition month x channel: the margin customers bring as they age against what
-- winning them cost. A customer is acquired with the first sale. Ages a cohort's youngest member
-- has not reached by the as-of date are null.
{%- set ages = [30, 60, 90, 180, 365] %}
with

clock as (

    select as_of_date
    from {{ ref('dim_clock') }}

),

orders_aged as (

    select
        customer_id,
        acquisition_month,
        channel,
        age_days,
        gross_margin
    from {{ ref('int_orders_aged') }}

),

marketing_spend as (

    select
        spend_month,
        channel,
        sum(spend) as spend
    from {{ ref('fct_marketing_spend') }}
    group by spend_month, channel

),

-- Before the first and after the last month on record marketing cost is unknown rather than
-- nothing.
marketing_months as (

    select
        min(spend_month) as first_month,
        max(spend_month) as last_month
    from marketing_spend

),

cohorts_sized as (

    select
        acquisition_month,
        channel,
        count(distinct customer_id) as customers
    from orders_aged
    group by acquisition_month, channel

),

margins_summed_to_cohort as (

    select
        {%- for age in ages %}
        sum(case when age_days <= {{ age }} then gross_margin end) as margin_{{ age }}d,
        {%- endfor %}
        acquisition_month,
        channel
    from orders_aged
    group by acquisition_month, channel

),

cohorts as (

    select
        coalesce(cohorts_sized.acquisition_month, marketing_spend.spend_month) as acquisition_month,
        coalesce(cohorts_sized.channel, marketing_spend.channel) as channel,
        coalesce(cohorts_sized.customers, 0) as customers,
        marketing_spend.spend
    from cohorts_sized
    full outer join marketing_spend
        on
            cohorts_sized.acquisition_month = marketing_spend.spend_month
            and cohorts_sized.channel = marketing_spend.channel

),

cohorts_costed as (

    select
        cohorts.acquisition_month,
        cohorts.channel,
        cohorts.customers,
        coalesce(
            cohorts.spend,
            case
                when
                    cohorts.channel <> 'Unknown'
                    and cohorts.acquisition_month
                    between marketing_months.first_month and marketing_months.last_month
                    then 0
            end
        ) as acquisition_cost,
        {{ dbt.datediff(
            dbt.last_day('cohorts.acquisition_month', 'month'), 'clock.as_of_date', 'day'
        ) }} as observed_days
    from cohorts
    cross join marketing_months
    cross join clock

),

payback_steps as (

    select months
    from (
        values
        {%- for months in range(1, constant('ltv_payback_max_months') + 1) %}
        ({{ months }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as steps (months)

),

paybacks as (

    select
        cohorts_costed.acquisition_month,
        cohorts_costed.channel,
        payback_steps.months,
        sum(orders_aged.gross_margin) >= cohorts_costed.acquisition_cost as is_paid_back
    from cohorts_costed
    inner join payback_steps on cohorts_costed.observed_days >= payback_steps.months * 30
    inner join orders_aged
        on
            cohorts_costed.acquisition_month = orders_aged.acquisition_month
            and cohorts_costed.channel = orders_aged.channel
            and payback_steps.months * 30 >= orders_aged.age_days
    group by
        cohorts_costed.acquisition_month,
        cohorts_costed.channel,
        cohorts_costed.acquisition_cost,
        payback_steps.months

),

first_paybacks as (

    select
        acquisition_month,
        channel,
        min(case when is_paid_back then months end) as payback_months
    from paybacks
    group by acquisition_month, channel

),

final as (

    select
        -- identifiers
        cohorts_costed.acquisition_month,
        cohorts_costed.channel,

        -- measures
        cast(cohorts_costed.customers as bigint) as customers,
        cast(cohorts_costed.acquisition_cost as numeric(18, 2)) as acquisition_cost,
        {{ divide('cohorts_costed.acquisition_cost', 'cohorts_costed.customers') }}
            as cost_per_customer,
        {%- for age in ages %}
        cast(
            case
                when cohorts_costed.observed_days >= {{ age }}
                    then {{ divide(
                        'margins_summed_to_cohort.margin_' ~ age ~ 'd', 'cohorts_costed.customers'
                    ) }}
            end as numeric(18, 2)
        ) as margin_per_customer_{{ age }}d,
        {%- endfor %}
        cast(
            case
                when cohorts_costed.customers = 0 then null
                when cohorts_costed.acquisition_cost = 0 then 0
                else first_paybacks.payback_months
            end as bigint
        ) as payback_months,

        -- metadata
        cohorts_costed.observed_days >= 0 as is_complete
    from cohorts_costed
    left join margins_summed_to_cohort
        on
            cohorts_costed.acquisition_month = margins_summed_to_cohort.acquisition_month
            and cohorts_costed.channel = margins_summed_to_cohort.channel
    left join first_paybacks
        on
            cohorts_costed.acquisition_month = first_paybacks.acquisition_month
            and cohorts_costed.channel = first_paybacks.channel

)

select * from final
