-- Over all coupons and sales without one, coupon_cohorts has the shop's orders, money and new
-- customers; as many of them buy on discount only as discount_impact counts at the end.
with

coupons as (

    select
        coalesce(sum(orders), 0) as orders,
        coalesce(sum(gross_sales), 0) as gross_sales,
        coalesce(sum(discounts), 0) as discounts,
        coalesce(sum(net_sales), 0) as net_sales,
        coalesce(sum(new_customers), 0) as new_customers,
        coalesce(sum(discount_only_customers), 0) as discount_only_customers
    from {{ ref('coupon_cohorts') }}

),

months as (

    select
        coalesce(sum(orders), 0) as orders,
        coalesce(sum(gross_sales), 0) as gross_sales,
        coalesce(sum(discounts), 0) as discounts,
        coalesce(sum(net_sales), 0) as net_sales,
        coalesce(sum(new_customers), 0) as new_customers
    from {{ ref('monthly_sales') }}

),

discounts as (

    select
        customers,
        discount_only_customers,
        row_number() over (order by sale_month desc) as months_to_the_end
    from {{ ref('discount_impact') }}

)

select coupons.*
from coupons
cross join months
left join discounts on discounts.months_to_the_end = 1
where
    coupons.orders <> months.orders
    or coupons.gross_sales <> months.gross_sales
    or coupons.discounts <> months.discounts
    or coupons.net_sales <> months.net_sales
    or coupons.new_customers <> months.new_customers
    or coupons.new_customers <> coalesce(discounts.customers, 0)
    or coupons.discount_only_customers
    <> coalesce(discounts.discount_only_customers, 0)
