-- One row per month from the first order to the as-of date, months without sales included.
-- Growth compares complete months only and is null over a missing, zero or negative base; windows
-- are null until they are full. Refunds are dated by the month they were given.
with

movements as (

    select
        order_id,
        customer_id,
        customer_order_number,
        units,
        gross_sales,
        discounts,
        net_sales,
        refunds,
        net_revenue,
        cost_of_goods_sold,
        is_sale,
        movement_month
    from {{ ref('fct_revenue_movements') }}

),

sales as (

    select
        movement_month as sale_month,
        count(distinct case when is_sale then order_id end) as orders,
        count(distinct case when is_sale then customer_id end) as active_customers,
        count(distinct case when is_sale and customer_order_number = 1 then customer_id end)
            as new_customers,
        count(distinct case when is_sale and customer_id is null then order_id end)
            as guest_orders,
        sum(units) as units,
        sum(gross_sales) as gross_sales,
        sum(discounts) as discounts,
        sum(net_sales) as net_sales,
        sum(refunds) as refunds,
        sum(net_revenue) as net_revenue,
        case
            when sum(case when is_sale then 1 else 0 end) = 0 then 0
            else sum(cost_of_goods_sold)
        end as cost_of_goods_sold
    from movements
    group by movement_month

),

{{ monthly_grid('sales', [], [
    'orders', 'active_customers', 'new_customers', 'guest_orders', 'units', 'gross_sales',
    'discounts', 'net_sales', 'refunds', 'net_revenue', 'cost_of_goods_sold',
], 'net_revenue') }},

months_windowed as (

    select
        *,
        count(*) over (order by sale_month rows between unbounded preceding and current row)
            as month_number,
        sum(net_revenue) over (order by sale_month rows between 2 preceding and current row)
            as revenue_3_months,
        sum(net_revenue) over (order by sale_month rows between 11 preceding and current row)
            as revenue_12_months,
        sum(net_revenue) over (
            partition by extract(year from sale_month)
            order by sale_month
            rows between unbounded preceding and current row
        ) as revenue_year_to_date
    from sales_compared

),

final as (

    select
        sale_month,
        cast(orders as bigint) as orders,
        cast(active_customers as bigint) as active_customers,
        cast(new_customers as bigint) as new_customers,
        cast(guest_orders as bigint) as guest_orders,
        cast(units as bigint) as units,
        cast(gross_sales as numeric(18, 2)) as gross_sales,
        cast(discounts as numeric(18, 2)) as discounts,
        cast(net_sales as numeric(18, 2)) as net_sales,
        cast(refunds as numeric(18, 2)) as refunds,
        cast(net_revenue as numeric(18, 2)) as net_revenue,
        cast(cost_of_goods_sold as numeric(18, 2)) as cost_of_goods_sold,
        cast(net_revenue - cost_of_goods_sold as numeric(18, 2)) as gross_margin,
        {{ divide('net_revenue - cost_of_goods_sold', 'net_revenue', 6) }} as gross_margin_rate,
        {{ divide('net_sales', 'orders') }} as avg_order_value,
        {{ divide('units', 'orders', 6) }} as units_per_transaction,
        {{ growth('net_revenue', 'net_revenue_month_before', 'is_complete') }}
            as revenue_mom_growth,
        {{ growth('net_revenue', 'net_revenue_year_before', 'is_complete') }}
            as revenue_yoy_growth,
        cast(case when month_number >= 3 then revenue_3_months end as numeric(18, 2))
            as revenue_3_months,
        cast(case when month_number >= 12 then revenue_12_months end as numeric(18, 2))
            as revenue_12_months,
        cast(revenue_year_to_date as numeric(18, 2)) as revenue_year_to_date,
        is_complete
    from months_windowed

)

select * from final
