-- One row per day from the first order to the as-of date, days without sales included: what was
-- sold and refunded on the day, and the category that sold most.
with

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

final as (

    select
        days.date_day as sale_date,
        categories_summed_to_day.category as top_category,
        {%- for count in ['orders', 'active_customers', 'guest_orders', 'units'] %}
        cast(coalesce(movements_summed_to_day.{{ count }}, 0) as bigint) as {{ count }},
        {%- endfor %}
        {%- for money in ['gross_sales', 'discounts', 'net_sales', 'refunds'] %}
        cast(coalesce(movements_summed_to_day.{{ money }}, 0) as numeric(18, 2)) as {{ money }},
        {%- endfor %}
        cast(coalesce(movements_summed_to_day.net_revenue, 0) as numeric(18, 2)) as net_revenue
    from days
    inner join clock on days.date_day between clock.first_order_date and clock.as_of_date
    left join movements_summed_to_day on days.date_day = movements_summed_to_day.movement_date
    left join categories_summed_to_day
        on
            days.date_day = categories_summed_to_day.movement_date
            and categories_summed_to_day.category_rank = 1

)

select * from final
