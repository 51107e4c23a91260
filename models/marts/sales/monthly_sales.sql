-- One row per month from the first order to the as-of date, months without sales included.
-- Growth compares complete months only and is null over a missing, zero or negative base; windows
-- are null until they are full. Refunds are dated by the month they were given.
with

months as (

    select distinct
        month_start_date,
        is_month_complete
    from {{ ref('dim_dates') }}

),

clock as (

    select
        as_of_month,
        first_order_month
    from {{ ref('int_as_of_date') }}

),

orders as (

    select
        order_id,
        customer_id,
        customer_order_number,
        cast({{ dbt.date_trunc('month', 'order_date') }} as date) as order_month,
        units,
        gross_sales,
        discounts,
        net_sales,
        cost_of_goods_sold,
        is_guest
    from {{ ref('fct_orders') }}
    where is_sale

),

refunds as (

    select
        cast({{ dbt.date_trunc('month', 'refund_date') }} as date) as refund_month,
        amount
    from {{ ref('fct_refunds') }}
    where is_sale

),

orders_summed_to_month as (

    select
        order_month,
        count(*) as total_orders,
        count(distinct customer_id) as unique_customers,
        sum(case when customer_order_number = 1 then 1 else 0 end) as new_customers,
        sum(case when is_guest then 1 else 0 end) as guest_orders,
        sum(units) as units,
        sum(gross_sales) as gross_sales,
        sum(discounts) as discounts,
        sum(net_sales) as net_sales,
        sum(cost_of_goods_sold) as cost_of_goods_sold
    from orders
    group by order_month

),

refunds_summed_to_month as (

    select
        refund_month,
        sum(amount) as refunds
    from refunds
    group by refund_month

),

months_valued as (

    select
        months.month_start_date as sales_month,
        coalesce(orders_summed_to_month.total_orders, 0) as total_orders,
        coalesce(orders_summed_to_month.unique_customers, 0) as unique_customers,
        coalesce(orders_summed_to_month.new_customers, 0) as new_customers,
        coalesce(orders_summed_to_month.guest_orders, 0) as guest_orders,
        coalesce(orders_summed_to_month.units, 0) as units,
        coalesce(orders_summed_to_month.gross_sales, 0) as gross_sales,
        coalesce(orders_summed_to_month.discounts, 0) as discounts,
        coalesce(orders_summed_to_month.net_sales, 0) as net_sales,
        coalesce(refunds_summed_to_month.refunds, 0) as refunds,
        coalesce(orders_summed_to_month.net_sales, 0)
        - coalesce(refunds_summed_to_month.refunds, 0) as total_revenue,
        case
            when orders_summed_to_month.order_month is null then 0
            else orders_summed_to_month.cost_of_goods_sold
        end as cost_of_goods_sold,
        months.is_month_complete as is_complete
    from months
    inner join clock
        on months.month_start_date between clock.first_order_month and clock.as_of_month
    left join orders_summed_to_month
        on months.month_start_date = orders_summed_to_month.order_month
    left join refunds_summed_to_month
        on months.month_start_date = refunds_summed_to_month.refund_month

),

months_compared as (

    select
        *,
        lag(total_revenue, 1) over (order by sales_month) as revenue_month_before,
        lag(total_revenue, 12) over (order by sales_month) as revenue_year_before,
        count(*) over (order by sales_month rows between unbounded preceding and current row)
            as month_number,
        sum(total_revenue) over (order by sales_month rows between 2 preceding and current row)
            as revenue_3_months,
        sum(total_revenue) over (order by sales_month rows between 11 preceding and current row)
            as revenue_12_months,
        sum(total_revenue) over (
            partition by extract(year from sales_month)
            order by sales_month
            rows between unbounded preceding and current row
        ) as revenue_year_to_date
    from months_valued

),

final as (

    select
        sales_month,
        cast(total_orders as bigint) as total_orders,
        cast(unique_customers as bigint) as unique_customers,
        cast(new_customers as bigint) as new_customers,
        cast(guest_orders as bigint) as guest_orders,
        cast(units as bigint) as units,
        cast(gross_sales as numeric(18, 2)) as gross_sales,
        cast(discounts as numeric(18, 2)) as discounts,
        cast(net_sales as numeric(18, 2)) as net_sales,
        cast(refunds as numeric(18, 2)) as refunds,
        cast(total_revenue as numeric(18, 2)) as total_revenue,
        cast(cost_of_goods_sold as numeric(18, 2)) as cost_of_goods_sold,
        cast(total_revenue - cost_of_goods_sold as numeric(18, 2)) as gross_margin,
        {{ divide('total_revenue - cost_of_goods_sold', 'total_revenue', 6) }}
            as gross_margin_rate,
        {{ divide('net_sales', 'total_orders') }} as avg_order_value,
        {{ divide('units', 'total_orders', 6) }} as units_per_order,
        {{ growth('total_revenue', 'revenue_month_before', 'is_complete') }}
            as revenue_mom_growth,
        {{ growth('total_revenue', 'revenue_year_before', 'is_complete') }}
            as revenue_yoy_growth,
        cast(case when month_number >= 3 then revenue_3_months end as numeric(18, 2))
            as revenue_3_months,
        cast(case when month_number >= 12 then revenue_12_months end as numeric(18, 2))
            as revenue_12_months,
        cast(revenue_year_to_date as numeric(18, 2)) as revenue_year_to_date,
        is_complete
    from months_compared

)

select * from final
