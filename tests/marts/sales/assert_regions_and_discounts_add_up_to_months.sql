-- Orders, guest orders and units of all regions, and orders of discount_impact, are those of the
-- month.
with

months as (

    select
        sale_month,
        orders,
        guest_orders,
        units
    from {{ ref('monthly_sales') }}

),

regions_summed_to_month as (

    select
        sale_month,
        sum(orders) as orders,
        sum(guest_orders) as guest_orders,
        sum(units) as units
    from {{ ref('regional_sales') }}
    group by sale_month

),

discounts as (

    select
        sale_month,
        orders
    from {{ ref('discount_impact') }}

)

select months.sale_month
from months
full outer join regions_summed_to_month
    on months.sale_month = regions_summed_to_month.sale_month
full outer join discounts on months.sale_month = discounts.sale_month
where
    months.sale_month is null
    or months.orders <> coalesce(regions_summed_to_month.orders, 0)
    or months.guest_orders <> coalesce(regions_summed_to_month.guest_orders, 0)
    or months.units <> coalesce(regions_summed_to_month.units, 0)
    or coalesce(months.orders <> discounts.orders, true)
