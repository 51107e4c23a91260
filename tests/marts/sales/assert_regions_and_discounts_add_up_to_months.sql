-- Orders, guest orders and units of all regions, and orders of discount_impact, are those of the
-- month.
with

months as (

    select
        sales_month,
        total_orders,
        guest_orders,
        units
    from {{ ref('monthly_sales') }}

),

regions_summed_to_month as (

    select
        sales_month,
        sum(total_orders) as total_orders,
        sum(guest_orders) as guest_orders,
        sum(units) as units
    from {{ ref('regional_sales') }}
    group by sales_month

),

discounts as (

    select
        sales_month,
        total_orders
    from {{ ref('discount_impact') }}

)

select months.sales_month
from months
full outer join regions_summed_to_month
    on months.sales_month = regions_summed_to_month.sales_month
full outer join discounts on months.sales_month = discounts.sales_month
where
    months.sales_month is null
    or months.total_orders <> coalesce(regions_summed_to_month.total_orders, 0)
    or months.guest_orders <> coalesce(regions_summed_to_month.guest_orders, 0)
    or months.units <> coalesce(regions_summed_to_month.units, 0)
    or coalesce(months.total_orders <> discounts.total_orders, true)
