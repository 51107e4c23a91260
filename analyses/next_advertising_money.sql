-- Which channel should get more advertising money, and which less?
-- How to read it: move money from the bottom to the top, from channels that do not pay back to
-- those that do, but not into one whose cost per customer climbs: the next ones there cost even
-- more.
-- Reads ltv_payback, channel_performance.
--
-- What a customer cost over the last complete months, against the gross margin that customers of
-- the same channel brought within margin_days days of their first sale, as far as such customers
-- are old enough to know. Where no cost of goods is known there is no verdict. Recent cost is that
-- of the newest recent_months. Customers belong to the channel their record names.
{% set months = 12 %}
{% set recent_months = 3 %}
{% set margin_days = 180 %}
{% set well_paid_back = 3 %}
{% set climbing = 0.25 %}
with

cohorts as (

    select
        channel,
        acquisition_month,
        customers,
        acquisition_cost,
        margin_per_customer_{{ margin_days }}d as margin_per_customer,
        is_complete
    from {{ ref('ltv_payback') }}

),

attributions as (

    select
        channel,
        activity_month,
        linear_revenue
    from {{ ref('channel_performance') }}
    where is_complete

),

months_numbered as (

    select
        activity_month,
        row_number() over (order by activity_month desc) as months_ago
    from attributions
    group by activity_month

),

costs as (

    select
        cohorts.channel,
        sum(cohorts.customers) as new_customers,
        sum(cohorts.acquisition_cost) as spend,
        sum(
            case
                when months_numbered.months_ago <= {{ recent_months }} then cohorts.customers else 0
            end
        ) as recent_customers,
        sum(
            case
                when months_numbered.months_ago <= {{ recent_months }}
                    then cohorts.acquisition_cost
            end
        ) as recent_spend
    from cohorts
    inner join months_numbered on cohorts.acquisition_month = months_numbered.activity_month
    where months_numbered.months_ago <= {{ months }}
    group by cohorts.channel

),

margins as (

    select
        channel,
        sum(customers) as observed_customers,
        {{ divide('sum(customers * margin_per_customer)', 'sum(customers)') }}
            as margin_per_customer
    from cohorts
    where margin_per_customer is not null
    group by channel

),

revenues as (

    select
        attributions.channel,
        sum(attributions.linear_revenue) as attributed_revenue
    from attributions
    inner join months_numbered on attributions.activity_month = months_numbered.activity_month
    where months_numbered.months_ago <= {{ months }}
    group by attributions.channel

),

channels as (

    select
        costs.channel,
        cast(costs.spend as numeric(18, 2)) as spend,
        cast(costs.new_customers as bigint) as new_customers,
        {{ divide('costs.spend', 'costs.new_customers') }} as cost_per_customer,
        {{ divide('costs.recent_spend', 'costs.recent_customers') }} as recent_cost_per_customer,
        margins.margin_per_customer,
        cast(margins.observed_customers as bigint) as observed_customers,
        cast(revenues.attributed_revenue as numeric(18, 2)) as attributed_revenue
    from costs
    left join margins on costs.channel = margins.channel
    left join revenues on costs.channel = revenues.channel

),

channels_judged as (

    select
        *,
        {{ divide('margin_per_customer', 'cost_per_customer') }} as margin_to_cost,
        {{ growth('recent_cost_per_customer', 'cost_per_customer') }} as cost_growth
    from channels

)

select
    channel,
    case
        when spend is null or spend = 0 then 'costs nothing'
        when new_customers = 0 then 'less: wins nobody'
        when margin_per_customer is null then 'not known yet'
        when margin_to_cost < 1 then 'less: does not pay back'
        when cost_growth > {{ climbing }} then 'hold: customers get dearer'
        when margin_to_cost >= {{ well_paid_back }} then 'more'
        else 'hold'
    end as verdict,
    spend,
    new_customers,
    cost_per_customer,
    recent_cost_per_customer,
    cost_growth,
    margin_per_customer,
    observed_customers,
    margin_to_cost,
    attributed_revenue
from channels_judged
order by margin_to_cost desc nulls last, spend desc nulls last, channel
