-- Why did sales rise or fall, and was it more than the season?
-- How to read it: main_driver says where to look: fewer customers is a matter of advertising,
-- frequency of mailings, basket of bundles, price of discounts. beyond_season is what the calendar
-- does not explain.
-- Reads revenue_bridge, seasonality.
--
-- Each of the newest complete months against the month before. The four effects add up to the
-- change (revenue_bridge tells how it is split). The season alone would have moved sales from one
-- month to the next as the seasonal indices of the two stand to each other, which needs a year of
-- history: without it beyond_season is null.
{% set months = 12 %}
with

months as (

    select
        sale_month,
        net_sales,
        net_sales_change,
        customers_effect,
        frequency_effect,
        basket_effect,
        price_effect,
        extract(month from sale_month) as month_of_year,
        greatest(
            abs(customers_effect), abs(frequency_effect), abs(basket_effect), abs(price_effect)
        ) as largest_effect,
        row_number() over (order by sale_month desc) as months_ago
    from {{ ref('revenue_bridge') }}
    where is_complete and net_sales_change is not null

),

seasons as (

    select
        period_number as month_of_year,
        revenue_index
    from {{ ref('seasonality') }}
    where period_type = 'month' and status = 'ok'

),

months_expected as (

    select
        months.*,
        {{ divide(
            '(months.net_sales - months.net_sales_change)'
            ~ ' * (season.revenue_index - season_before.revenue_index)',
            'season_before.revenue_index'
        ) }} as season_effect
    from months
    left join seasons as season on months.month_of_year = season.month_of_year
    left join seasons as season_before
        on
            season_before.month_of_year
            = case when months.month_of_year = 1 then 12 else months.month_of_year - 1 end

)

select
    sale_month,
    net_sales,
    net_sales_change,
    season_effect,
    cast(net_sales_change - season_effect as numeric(18, 2)) as beyond_season,
    case
        when largest_effect = 0 then 'nothing moved'
        when abs(customers_effect) = largest_effect then 'customers'
        when abs(frequency_effect) = largest_effect then 'orders per customer'
        when abs(basket_effect) = largest_effect then 'units per order'
        else 'price per unit'
    end as main_driver,
    customers_effect,
    frequency_effect,
    basket_effect,
    price_effect
from months_expected
where months_ago <= {{ months }}
order by sale_month desc
