-- Customers with guests, and products with orders that have no lines, make the ledger's net
-- revenue; within a type the places run from 1 without gap and the last one holds the whole.
with

entities_summed_to_type as (

    select
        entity_type,
        count(*) as entities,
        sum(net_revenue) as net_revenue,
        max(revenue_rank) as last_rank,
        max(case when net_revenue > 0 then 1 else 0 end) = 1 as has_revenue,
        max(cumulative_revenue_share) as revenue_share,
        max(cumulative_entity_share) as entity_share
    from {{ ref('revenue_pareto') }}
    group by entity_type

),

left_out as (

    select
        'customer' as entity_type,
        coalesce(sum(net_revenue), 0) as net_revenue
    from {{ ref('fct_orders') }}
    where is_sale and is_guest
    union all
    select
        'product' as entity_type,
        coalesce(sum(net_revenue), 0) as net_revenue
    from {{ ref('fct_orders') }}
    where is_sale and is_amount_from_total

),

ledger as (

    select coalesce(sum(net_revenue), 0) as net_revenue
    from {{ ref('revenue_ledger') }}

)

select
    left_out.entity_type,
    entities_summed_to_type.net_revenue as pareto_net_revenue,
    left_out.net_revenue as left_out_net_revenue,
    ledger.net_revenue as ledger_net_revenue
from left_out
cross join ledger
left join entities_summed_to_type on left_out.entity_type = entities_summed_to_type.entity_type
where
    coalesce(entities_summed_to_type.net_revenue, 0) + left_out.net_revenue <> ledger.net_revenue
    or entities_summed_to_type.entities <> entities_summed_to_type.last_rank
    or entities_summed_to_type.entity_share <> 1
    or (
        entities_summed_to_type.has_revenue
        and coalesce(entities_summed_to_type.revenue_share <> 1, true)
    )
