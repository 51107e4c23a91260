-- The daily figures that anomalies watches are the facts: revenue, orders and refunds as a whole
-- and split by country, sessions and their conversions as a whole.
with

figures as (

    select
        dimension,
        sum(case when metric = 'revenue' then value end) as revenue,
        sum(case when metric = 'orders' then value end) as orders,
        sum(case when metric = 'refunds' then value end) as refunds
    from {{ ref('metric_days') }}
    where dimension in ('all', 'country')
    group by dimension

),

facts as (

    select
        (
            select sum(net_sales) from {{ ref('fct_orders') }}
            where is_sale
        ) as revenue,
        (
            select count(*) from {{ ref('fct_orders') }}
            where is_sale
        ) as orders,
        (
            select sum(amount) from {{ ref('fct_refunds') }}
            where is_sale
        ) as refunds

)

select
    figures.*,
    facts.revenue as revenue_of_facts
from figures
cross join facts
where
    coalesce(figures.revenue, 0) <> coalesce(facts.revenue, 0)
    or coalesce(figures.orders, 0) <> facts.orders
    or coalesce(figures.refunds, 0) <> coalesce(facts.refunds, 0)
