-- One row per country x region x month, from the region's first month to the as-of date. Refunds
-- are dated by the month they were given.
with

months as (

    select
        sales_month,
        is_complete
    from {{ ref('monthly_sales') }}

),

orders as (

    select
        order_id,
        customer_id,
        coalesce(country, 'Unknown') as country,
        coalesce(region, 'Unknown') as region,
        cast({{ dbt.date_trunc('month', 'order_date') }} as date) as sales_month,
        units,
        gross_sales,
        discounts,
        net_sales,
        is_guest
    from {{ ref('fct_orders') }}
    where is_sale

),

refunds as (

    select
        order_id,
        cast({{ dbt.date_trunc('month', 'refund_date') }} as date) as sales_month,
        amount
    from {{ ref('fct_refunds') }}
    where is_sale

),

orders_summed_to_region as (

    select
        country,
        region,
        sales_month,
        count(*) as total_orders,
        count(distinct customer_id) as unique_customers,
        sum(case when is_guest then 1 else 0 end) as guest_orders,
        sum(units) as units,
        sum(gross_sales) as gross_sales,
        sum(discounts) as discounts,
        sum(net_sales) as net_sales
    from orders
    group by country, region, sales_month

),

refunds_summed_to_region as (

    select
        orders.country,
        orders.region,
        refunds.sales_month,
        sum(refunds.amount) as refunds
    from refunds
    inner join orders on refunds.order_id = orders.order_id
    group by orders.country, orders.region, refunds.sales_month

),

regions as (

    select
        country,
        region,
        min(sales_month) as first_month
    from (
        select
            country,
            region,
            sales_month
        from orders_summed_to_region
        union all
        select
            country,
            region,
            sales_month
        from refunds_summed_to_region
    ) as months_of_regions
    group by country, region

),

regions_valued as (

    select
        months.sales_month,
        regions.country,
        regions.region,
        coalesce(orders_summed_to_region.total_orders, 0) as total_orders,
        coalesce(orders_summed_to_region.unique_customers, 0) as unique_customers,
        coalesce(orders_summed_to_region.guest_orders, 0) as guest_orders,
        coalesce(orders_summed_to_region.units, 0) as units,
        coalesce(orders_summed_to_region.gross_sales, 0) as gross_sales,
        coalesce(orders_summed_to_region.discounts, 0) as discounts,
        coalesce(orders_summed_to_region.net_sales, 0) as net_sales,
        coalesce(refunds_summed_to_region.refunds, 0) as refunds,
        coalesce(orders_summed_to_region.net_sales, 0)
        - coalesce(refunds_summed_to_region.refunds, 0) as total_revenue,
        months.is_complete
    from regions
    inner join months on regions.first_month <= months.sales_month
    left join orders_summed_to_region
        on
            regions.country = orders_summed_to_region.country
            and regions.region = orders_summed_to_region.region
            and months.sales_month = orders_summed_to_region.sales_month
    left join refunds_summed_to_region
        on
            regions.country = refunds_summed_to_region.country
            and regions.region = refunds_summed_to_region.region
            and months.sales_month = refunds_summed_to_region.sales_month

),

-- Refunds can leave a region below zero; shares are of what is above.
regions_compared as (

    select
        *,
        greatest(total_revenue, 0) as positive_revenue,
        sum(greatest(total_revenue, 0)) over (partition by sales_month) as revenue_of_month,
        lag(total_revenue, 1) over (partition by country, region order by sales_month)
            as revenue_month_before,
        lag(total_revenue, 12) over (partition by country, region order by sales_month)
            as revenue_year_before
    from regions_valued

),

final as (

    select
        sales_month,
        country,
        region,
        cast(total_orders as bigint) as total_orders,
        cast(unique_customers as bigint) as unique_customers,
        cast(guest_orders as bigint) as guest_orders,
        cast(units as bigint) as units,
        cast(gross_sales as numeric(18, 2)) as gross_sales,
        cast(discounts as numeric(18, 2)) as discounts,
        cast(net_sales as numeric(18, 2)) as net_sales,
        cast(refunds as numeric(18, 2)) as refunds,
        cast(total_revenue as numeric(18, 2)) as total_revenue,
        {{ divide('positive_revenue', 'revenue_of_month', 6) }} as revenue_share,
        {{ divide('net_sales', 'total_orders') }} as avg_order_value,
        {{ growth('total_revenue', 'revenue_month_before', 'is_complete') }}
            as revenue_mom_growth,
        {{ growth('total_revenue', 'revenue_year_before', 'is_complete') }}
            as revenue_yoy_growth,
        is_complete
    from regions_compared

)

select * from final
