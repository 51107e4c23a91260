-- Acquisition cohorts hold every customer with a sale once, and all marketing cost booked.
with

facts as (

    select
        (select count(distinct customer_id) from {{ ref('fct_orders') }} where is_sale)
            as customers,
        (select coalesce(sum(spend), 0) from {{ ref('int_marketing_spend_monthly') }}) as spend

),

mart as (

    select
        coalesce(sum(customers), 0) as customers,
        coalesce(sum(acquisition_cost), 0) as spend
    from {{ ref('ltv_payback') }}

)

select *
from facts
cross join mart
where facts.customers <> mart.customers or facts.spend <> mart.spend
