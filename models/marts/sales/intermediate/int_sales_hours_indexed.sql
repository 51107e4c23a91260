-- One row per measure (revenue, orders) x hour of the day: what the hour sells against the mean
-- hour of the same days, which needs no trend. Days of a calendar event are left out; no row where
-- the shop records dates only.
with

dates as (

    select
        date_day,
        year_number
    from {{ ref('dim_dates') }}
    where calendar_event is null

),

orders as (

    select
        order_date,
        net_sales,
        cast(extract(hour from ordered_at) as integer) as hour_number,
        ordered_at > cast(order_date as timestamp) as has_time
    from {{ ref('fct_orders') }}
    where is_sale

),

orders_of_ordinary_days as (

    select
        orders.order_date,
        orders.net_sales,
        orders.hour_number,
        orders.has_time,
        dates.year_number
    from orders
    inner join dates on orders.order_date = dates.date_day

),

shop as (

    select
        count(distinct order_date) as observations,
        count(distinct year_number) as years
    from orders_of_ordinary_days
    having bool_or(has_time)

),

orders_summed_to_hour as (

    select
        hour_number,
        sum(net_sales) as revenue,
        count(*) as orders
    from orders_of_ordinary_days
    group by hour_number

),

hours as (
    {% for hour in range(24) %}
    select
        {{ hour }} as hour_number,
        '{{ '%02d:00' % hour }}' as hour_name
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

hours_sold as (

    {%- for measure in ['revenue', 'orders'] %}
    select
        '{{ measure }}' as measure,
        hours.hour_name as period_name,
        hours.hour_number as period_number,
        shop.observations,
        shop.years,
        coalesce(orders_summed_to_hour.{{ measure }}, 0) as sold
    from hours
    cross join shop
    left join orders_summed_to_hour on hours.hour_number = orders_summed_to_hour.hour_number
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        measure,
        period_name,
        period_number,
        observations,
        years,
        24 * cast(sold as double precision) / nullif(sum(sold) over (partition by measure), 0)
            as seasonal_index
    from hours_sold

)

select * from final
