-- One row per country x region x month, from the region's first month to the as-of date. Refunds
-- are dated by the month they were given.
with

movements as (

    select
        order_id,
        customer_id,
        country,
        region,
        units,
        gross_sales,
        discounts,
        net_sales,
        refunds,
        net_revenue,
        is_sale,
        movement_month
    from {{ ref('fct_revenue_movements') }}

),

regions as (

    select
        country,
        region,
        movement_month as sale_month,
        count(distinct case when is_sale then order_id end) as orders,
        count(distinct case when is_sale then customer_id end) as active_customers,
        count(distinct case when is_sale and customer_id is null then order_id end)
            as guest_orders,
        sum(units) as units,
        sum(gross_sales) as gross_sales,
        sum(discounts) as discounts,
        sum(net_sales) as net_sales,
        sum(refunds) as refunds,
        sum(net_revenue) as net_revenue
    from movements
    group by country, region, movement_month

),

{{ monthly_grid('regions', ['country', 'region'], [
    'orders', 'active_customers', 'guest_orders', 'units', 'gross_sales', 'discounts', 'net_sales',
    'refunds', 'net_revenue',
], 'net_revenue') }},

-- Refunds can leave a region below zero; shares are of what is above.
regions_shared as (

    select
        *,
        greatest(net_revenue, 0) as positive_revenue,
        sum(greatest(net_revenue, 0)) over (partition by sale_month) as revenue_of_month
    from regions_compared

),

final as (

    select
        sale_month,
        country,
        region,
        cast(orders as bigint) as orders,
        cast(active_customers as bigint) as active_customers,
        cast(guest_orders as bigint) as guest_orders,
        cast(units as bigint) as units,
        cast(gross_sales as numeric(18, 2)) as gross_sales,
        cast(discounts as numeric(18, 2)) as discounts,
        cast(net_sales as numeric(18, 2)) as net_sales,
        cast(refunds as numeric(18, 2)) as refunds,
        cast(net_revenue as numeric(18, 2)) as net_revenue,
        {{ divide('positive_revenue', 'revenue_of_month', 6) }} as revenue_share,
        {{ divide('net_sales', 'orders') }} as avg_order_value,
        {{ growth('net_revenue', 'net_revenue_month_before', 'is_complete') }}
            as revenue_mom_growth,
        {{ growth('net_revenue', 'net_revenue_year_before', 'is_complete') }}
            as revenue_yoy_growth,
        is_complete
    from regions_shared

)

select * from final
