-- One row per customer who ever bought and per product ever sold, the best first: how few of them
-- make how much of the revenue.
with

orders as (

    select
        customer_id,
        net_revenue
    from {{ ref('fct_orders') }}
    where is_sale and customer_id is not null

),

order_items as (

    select
        product_id,
        net_revenue
    from {{ ref('fct_order_items') }}
    where is_sale

),

entities as (

    select
        'customer' as entity_type,
        customer_id as entity_id,
        sum(net_revenue) as net_revenue
    from orders
    group by customer_id
    union all
    select
        'product' as entity_type,
        product_id as entity_id,
        sum(net_revenue) as net_revenue
    from order_items
    group by product_id

),

entities_ranked as (

    select
        entity_type,
        entity_id,
        net_revenue,
        row_number() over (
            partition by entity_type
            order by net_revenue desc, entity_id asc
        ) as revenue_rank,
        count(*) over (partition by entity_type) as entities
    from entities

),

-- Refunds can leave an entity below zero; shares are of what is above.
entities_accumulated as (

    select
        entity_type,
        entity_id,
        net_revenue,
        revenue_rank,
        entities,
        greatest(net_revenue, 0) as positive_revenue,
        sum(greatest(net_revenue, 0)) over (
            partition by entity_type
            order by revenue_rank
            rows between unbounded preceding and current row
        ) as cumulative_revenue,
        sum(greatest(net_revenue, 0)) over (partition by entity_type) as revenue_of_type
    from entities_ranked

),

final as (

    select
        entity_type,
        entity_id,
        case
            when
                positive_revenue > 0
                and cumulative_revenue - positive_revenue
                < revenue_of_type * {{ var('abc_shares')[0] }}
                then 'A'
            when
                positive_revenue > 0
                and cumulative_revenue - positive_revenue
                < revenue_of_type * {{ var('abc_shares')[1] }}
                then 'B'
            else 'C'
        end as abc_class,
        cast(net_revenue as numeric(18, 2)) as net_revenue,
        cast(revenue_rank as bigint) as revenue_rank,
        {{ divide('positive_revenue', 'revenue_of_type', 6) }} as revenue_share,
        {{ divide('cumulative_revenue', 'revenue_of_type', 6) }} as cumulative_revenue_share,
        {{ divide('revenue_rank', 'entities', 6) }} as cumulative_entity_share
    from entities_accumulated

)

select * from final
