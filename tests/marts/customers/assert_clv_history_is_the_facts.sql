-- Every customer with a sale has one lifetime value, and historical revenue adds up to the facts.
with

facts as (

    select
        count(distinct customer_id) as customers,
        count(*) as orders,
        coalesce(sum(net_revenue), 0) as net_revenue
    from {{ ref('fct_orders') }}
    where is_sale and customer_id is not null

),

mart as (

    select
        count(*) as customers,
        coalesce(sum(historical_orders), 0) as orders,
        coalesce(sum(historical_revenue), 0) as net_revenue
    from {{ ref('customer_lifetime_value') }}

)

select
    facts.*,
    mart.customers as mart_customers,
    mart.net_revenue as mart_net_revenue
from facts
cross join mart
where
    facts.customers <> mart.customers
    or facts.orders <> mart.orders
    or facts.net_revenue <> mart.net_revenue
