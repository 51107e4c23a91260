-- One row per measure (revenue, orders) x day from the first order to the as-of date: what was
-- sold, 0 on a day without sales, and what the trend of the months has for it.
with

clock as (

    select
        as_of_date,
        first_order_date
    from {{ ref('dim_clock') }}

),

dates as (

    select
        date_day,
        month_start_date,
        month_name,
        day_name,
        calendar_event,
        year_number,
        month_number,
        day_of_week
    from {{ ref('dim_dates') }}

),

orders as (

    select
        order_date,
        net_sales
    from {{ ref('fct_orders') }}
    where is_sale

),

orders_summed_to_day as (

    select
        order_date,
        sum(net_sales) as revenue,
        count(*) as orders
    from orders
    group by order_date

),

-- Revenue and orders go through the same steps as rows of two measures.
days as (

    {%- for measure in ['revenue', 'orders'] %}
    select
        '{{ measure }}' as measure,
        dates.date_day,
        dates.month_start_date,
        dates.month_name,
        dates.day_name,
        dates.calendar_event,
        dates.year_number,
        dates.month_number,
        dates.day_of_week,
        cast(coalesce(orders_summed_to_day.{{ measure }}, 0) as double precision) as sold
    from dates
    inner join clock on dates.date_day between clock.first_order_date and clock.as_of_date
    left join orders_summed_to_day on dates.date_day = orders_summed_to_day.order_date
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}

),

months as (

    select
        measure,
        month_start_date,
        row_number() over (partition by measure order by month_start_date) as month_of_shop,
        {{ exact_avg('sold') }} as sold_per_day
    from days
    group by measure, month_start_date

),

{{ centred_trend('months', ['measure'], 'month_of_shop', 'sold_per_day') }},

final as (

    select
        days.measure,
        days.date_day,
        days.month_name,
        days.day_name,
        days.calendar_event,
        days.year_number,
        days.month_number,
        days.day_of_week,
        days.sold,
        case when months_with_trend.trend > 0 then months_with_trend.trend end as trend
    from days
    inner join months_with_trend
        on
            days.measure = months_with_trend.measure
            and days.month_start_date = months_with_trend.month_start_date

)

select * from final
