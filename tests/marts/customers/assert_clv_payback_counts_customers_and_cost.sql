-- Acquisition cohorts hold every customer with a sale once, and all marketing cost booked.
with

sales as (

    select count(distinct customer_id) as customers
    from {{ ref('fct_orders') }}
    where is_sale

),

marketing as (

    select coalesce(sum(spend), 0) as spend
    from {{ ref('fct_marketing_spend') }}

),

mart as (

    select
        coalesce(sum(customers), 0) as customers,
        coalesce(sum(acquisition_cost), 0) as spend
    from {{ ref('ltv_payback') }}

)

select
    sales.customers,
    mart.customers as customers_in_mart,
    marketing.spend,
    mart.spend as spend_in_mart
from sales
cross join marketing
cross join mart
where sales.customers <> mart.customers or marketing.spend <> mart.spend
