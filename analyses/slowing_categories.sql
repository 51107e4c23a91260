-- Which category slows down?
-- How to read it: a category below zero in against_the_shop grew by so much less than the shop; at
-- the top stands the one that would have brought most more had it kept its share.
-- Reads category_performance, monthly_sales.
--
-- The newest complete months against the same months a year before, which keeps seasons out of it.
-- A shop too young for that is compared with the months just before, where a season can show as a
-- slowdown (compared_with says which it was). Categories new since then are left out.
{% set months = 3 %}
with

months_numbered as (

    select
        sale_month,
        row_number() over (order by sale_month desc) as months_ago,
        count(*) over () as known_months
    from {{ ref('monthly_sales') }}
    where is_complete

),

months_compared as (

    select
        sale_month,
        months_ago <= {{ months }} as is_recent,
        known_months >= 12 + {{ months }} as is_year_known
    from months_numbered
    where
        months_ago <= {{ months }}
        or (
            known_months >= 12 + {{ months }}
            and months_ago between 13 and 12 + {{ months }}
        )
        or (
            known_months < 12 + {{ months }}
            and months_ago between {{ months }} + 1 and 2 * {{ months }}
        )

),

categories as (

    select
        category,
        sale_month,
        net_revenue
    from {{ ref('category_performance') }}

),

categories_summed as (

    select
        categories.category,
        months_compared.is_year_known,
        sum(case when months_compared.is_recent then categories.net_revenue else 0 end)
            as revenue,
        sum(case when months_compared.is_recent then 0 else categories.net_revenue end)
            as previous_revenue
    from categories
    inner join months_compared on categories.sale_month = months_compared.sale_month
    group by categories.category, months_compared.is_year_known

),

categories_with_shop as (

    select
        *,
        sum(revenue) over () as shop_revenue,
        sum(previous_revenue) over () as shop_previous_revenue
    from categories_summed

),

categories_compared as (

    select
        category,
        case
            when is_year_known then 'the same months a year before' else 'the months before'
        end as compared_with,
        cast(revenue as numeric(18, 2)) as revenue,
        cast(previous_revenue as numeric(18, 2)) as previous_revenue,
        {{ growth('revenue', 'previous_revenue') }} as revenue_growth,
        {{ growth('shop_revenue', 'shop_previous_revenue') }} as shop_growth,
        {{ divide('revenue', 'shop_revenue', 6) }} as revenue_share,
        {{ divide('previous_revenue', 'shop_previous_revenue', 6) }} as previous_revenue_share,
        cast(
            {{ divide('previous_revenue * shop_revenue', 'shop_previous_revenue') }} - revenue
            as numeric(18, 2)
        ) as missing_revenue
    from categories_with_shop
    where previous_revenue > 0

)

select
    category,
    compared_with,
    revenue,
    previous_revenue,
    revenue_growth,
    cast(revenue_growth - shop_growth as numeric(18, 6)) as against_the_shop,
    revenue_share,
    previous_revenue_share,
    missing_revenue
from categories_compared
order by missing_revenue desc, category
