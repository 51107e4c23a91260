-- What would 10 % less churn be worth?
-- How to read it: extra_margin (extra_revenue where no cost is known) is what the next twelve
-- months would bring more; keeping one customer may cost at most margin_per_customer_kept.
-- Reads growth_accounting, monthly_sales.
--
-- Customers are taken to come and go as on average over the last complete months. Customers who
-- come back are set off against those who leave: who would have come back anyway is not counted as
-- saved. With the net loss c of a month's customers and n new ones, A customers become
--     n / c + (A - n / c) (1 - c)^m
-- after m months; the extra months with a customer are the difference of the sums over the year
-- with c as it is and cut. A customer kept goes on buying as customers who left did in their last
-- var churn_days days. No row where as many come back as leave.
{% set months = 12 %}
{% set cuts = [0.05, 0.10, 0.20] %}
with

sales as (

    select
        sale_month,
        net_revenue,
        gross_margin
    from {{ ref('monthly_sales') }}

),

months_numbered as (

    select
        growth_month,
        opening_customers,
        new_customers,
        resurrected_customers,
        churned_customers,
        closing_customers,
        churned_revenue,
        row_number() over (order by growth_month desc) as months_ago
    from {{ ref('growth_accounting') }}
    where is_complete

),

year as (

    select
        count(*) as months,
        sum(opening_customers) as opening_customers,
        sum(new_customers) as new_customers,
        sum(resurrected_customers) as resurrected_customers,
        sum(churned_customers) as churned_customers,
        sum(churned_revenue) as churned_revenue,
        sum(case when months_ago = 1 then closing_customers end) as customers
    from months_numbered
    where months_ago <= {{ months }}

),

margins as (

    select
        {{ divide('sum(sales.gross_margin)', 'sum(sales.net_revenue)', 6) }} as margin_rate
    from sales
    inner join months_numbered on sales.sale_month = months_numbered.growth_month
    where months_numbered.months_ago <= {{ months }}

),

rates as (

    select
        year.*,
        margins.margin_rate,
        cast(year.new_customers as {{ dbt.type_float() }}) / year.months as new_per_month,
        cast(year.churned_customers - year.resurrected_customers as {{ dbt.type_float() }})
        / year.opening_customers as net_churn,
        cast(year.churned_revenue as {{ dbt.type_float() }}) / year.churned_customers
        * 365.25 / 12 / {{ var('churn_days') }} as revenue_per_month
    from year
    cross join margins
    where year.churned_customers > year.resurrected_customers and year.opening_customers > 0

),

cuts as (
    {%- for cut in cuts %}
    select cast({{ cut }} as numeric(18, 6)) as churn_cut
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

scenarios as (

    select
        rates.*,
        cuts.churn_cut,
        rates.net_churn * (1 - cast(cuts.churn_cut as {{ dbt.type_float() }})) as lower_churn
    from rates
    cross join cuts

),

scenarios_run as (

    select
        *,
        12 * new_per_month / net_churn
        + (customers - new_per_month / net_churn)
        * (1 - net_churn) * (1 - power(1 - net_churn, 12)) / net_churn as customer_months,
        12 * new_per_month / lower_churn
        + (customers - new_per_month / lower_churn)
        * (1 - lower_churn) * (1 - power(1 - lower_churn, 12)) / lower_churn
            as customer_months_with_cut,
        new_per_month / lower_churn
        + (customers - new_per_month / lower_churn) * power(1 - lower_churn, 12)
            as customers_with_cut
    from scenarios

),

scenarios_valued as (

    select
        churn_cut,
        {{ divide('churned_customers', 'opening_customers', 6) }} as churn_rate,
        {{ as_decimal('net_churn', 6) }} as net_churn_rate,
        {{ divide('churned_customers', 'months') }} as customers_lost_per_month,
        {{ as_decimal('revenue_per_month') }} as revenue_per_customer_month,
        -- who would have left within the year, from those of each month's beginning
        {{ as_decimal(
            '(net_churn - lower_churn)'
            ~ ' * (customer_months_with_cut + customers - customers_with_cut)'
        ) }} as customers_kept,
        {{ as_decimal('(customer_months_with_cut - customer_months) * revenue_per_month') }}
            as extra_revenue,
        {{ as_decimal(
            '(customer_months_with_cut - customer_months) * revenue_per_month * margin_rate'
        ) }} as extra_margin
    from scenarios_run

)

select
    *,
    {{ divide('extra_margin', 'customers_kept') }} as margin_per_customer_kept
from scenarios_valued
order by churn_cut
