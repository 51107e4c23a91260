-- The shares of all regions, categories and payment methods of a month add up to one, but for the
-- rounding of each.
with

shares as (

    select
        'regional_sales' as mart,
        sale_month,
        revenue_share
    from {{ ref('regional_sales') }}
    union all
    select
        'category_performance' as mart,
        sale_month,
        revenue_share
    from {{ ref('category_performance') }}
    union all
    select
        'payment_methods' as mart,
        payment_month as sale_month,
        amount_share as revenue_share
    from {{ ref('payment_methods') }}

)

select
    mart,
    sale_month,
    sum(revenue_share) as revenue_share
from shares
group by mart, sale_month
having abs(sum(revenue_share) - 1) > count(*) * 0.0000005
