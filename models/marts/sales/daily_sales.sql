-- One row per day from the first order to the as-of date, days without sales included.
-- Refunds are dated by the day they were given, so total_revenue can be negative.
with recursive

days as (

    select date_day
    from {{ ref('dim_dates') }}

),

clock as (

    select
        as_of_date,
        first_order_date
    from {{ ref('dim_clock') }}

),

movements as (

    select
        order_id,
        customer_id,
        product_id,
        units,
        gross_sales,
        discounts,
        net_sales,
        refunds,
        net_revenue,
        is_sale,
        movement_date
    from {{ ref('fct_revenue_movements') }}

),

products as (

    select
        product_id,
        category
    from {{ ref('dim_products') }}

),

movements_summed_to_day as (

    select
        movement_date,
        count(distinct case when is_sale then order_id end) as total_orders,
        count(distinct case when is_sale then customer_id end) as unique_customers,
        count(distinct case when is_sale and customer_id is null then order_id end)
            as guest_orders,
        sum(units) as units,
        sum(gross_sales) as gross_sales,
        sum(discounts) as discounts,
        sum(net_sales) as net_sales,
        sum(refunds) as refunds,
        sum(net_revenue) as total_revenue
    from movements
    group by movement_date

),

categories_summed_to_day as (

    select
        movements.movement_date,
        products.category,
        row_number() over (
            partition by movements.movement_date
            order by sum(movements.net_sales) desc, products.category
        ) as category_rank
    from movements
    inner join products on movements.product_id = products.product_id
    where movements.is_sale
    group by movements.movement_date, products.category

),

days_valued as (

    select
        days.date_day as sale_date,
        categories_summed_to_day.category as top_category,
        coalesce(movements_summed_to_day.total_orders, 0) as total_orders,
        coalesce(movements_summed_to_day.unique_customers, 0) as unique_customers,
        coalesce(movements_summed_to_day.guest_orders, 0) as guest_orders,
        coalesce(movements_summed_to_day.units, 0) as units,
        coalesce(movements_summed_to_day.gross_sales, 0) as gross_sales,
        coalesce(movements_summed_to_day.discounts, 0) as discounts,
        coalesce(movements_summed_to_day.net_sales, 0) as net_sales,
        coalesce(movements_summed_to_day.refunds, 0) as refunds,
        cast(coalesce(movements_summed_to_day.total_revenue, 0) as numeric(18, 2))
            as total_revenue
    from days
    inner join clock on days.date_day between clock.first_order_date and clock.as_of_date
    left join movements_summed_to_day on days.date_day = movements_summed_to_day.movement_date
    left join categories_summed_to_day
        on
            days.date_day = categories_summed_to_day.movement_date
            and categories_summed_to_day.category_rank = 1

),

days_numbered as (

    select
        sale_date,
        total_revenue,
        cast({{ dbt.date_trunc('month', 'sale_date') }} as date) as sale_month,
        row_number() over (
            partition by extract(year from sale_date), extract(month from sale_date)
            order by sale_date
        ) as day_number
    from days_valued

),

-- The running total is walked in two steps, the days of all months at once and then the months, so
-- that ten years take 31 + 120 rounds instead of 3,650 that each search all days.
running_within_month (sale_month, day_number, sale_date, running_revenue) as (

    select
        sale_month,
        day_number,
        sale_date,
        cast(total_revenue as numeric(18, 2)) as running_revenue
    from days_numbered
    where day_number = 1
    union all
    select
        days_numbered.sale_month,
        days_numbered.day_number,
        days_numbered.sale_date,
        cast(running_within_month.running_revenue + days_numbered.total_revenue as numeric(18, 2))
            as running_revenue
    from running_within_month
    inner join days_numbered
        on
            running_within_month.sale_month = days_numbered.sale_month
            and days_numbered.day_number = running_within_month.day_number + 1

),

months_numbered as (

    select
        sale_month,
        sum(total_revenue) as total_revenue,
        row_number() over (order by sale_month) as month_number
    from days_numbered
    group by sale_month

),

running_over_months (month_number, sale_month, revenue_before, revenue_after) as (

    select
        month_number,
        sale_month,
        cast(0 as numeric(18, 2)) as revenue_before,
        cast(total_revenue as numeric(18, 2)) as revenue_after
    from months_numbered
    where month_number = 1
    union all
    select
        months_numbered.month_number,
        months_numbered.sale_month,
        running_over_months.revenue_after as revenue_before,
        cast(running_over_months.revenue_after + months_numbered.total_revenue as numeric(18, 2))
            as revenue_after
    from running_over_months
    inner join months_numbered
        on months_numbered.month_number = running_over_months.month_number + 1

),

days_windowed as (

    select
        sale_date,
        count(*) over (order by sale_date rows between unbounded preceding and current row)
            as day_number,
        sum(total_revenue) over (order by sale_date rows between 6 preceding and current row)
            as revenue_7_days,
        sum(total_revenue) over (order by sale_date rows between 27 preceding and current row)
            as revenue_28_days
    from days_valued

),

final as (

    select
        days_valued.sale_date,
        days_valued.top_category,
        cast(days_valued.total_orders as bigint) as total_orders,
        cast(days_valued.unique_customers as bigint) as unique_customers,
        cast(days_valued.guest_orders as bigint) as guest_orders,
        cast(days_valued.units as bigint) as units,
        cast(days_valued.gross_sales as numeric(18, 2)) as gross_sales,
        cast(days_valued.discounts as numeric(18, 2)) as discounts,
        cast(days_valued.net_sales as numeric(18, 2)) as net_sales,
        cast(days_valued.refunds as numeric(18, 2)) as refunds,
        days_valued.total_revenue,
        {{ divide('days_valued.net_sales', 'days_valued.total_orders') }} as avg_order_value,
        cast(
            case when days_windowed.day_number >= 7 then days_windowed.revenue_7_days end
            as numeric(18, 2)
        ) as revenue_7_days,
        cast(
            case when days_windowed.day_number >= 28 then days_windowed.revenue_28_days end
            as numeric(18, 2)
        ) as revenue_28_days,
        cast(
            running_over_months.revenue_before + running_within_month.running_revenue
            as numeric(18, 2)
        ) as running_revenue
    from days_valued
    inner join days_windowed on days_valued.sale_date = days_windowed.sale_date
    inner join running_within_month on days_valued.sale_date = running_within_month.sale_date
    inner join running_over_months
        on running_within_month.sale_month = running_over_months.sale_month

)

select * from final
