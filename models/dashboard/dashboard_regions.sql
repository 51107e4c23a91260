-- One row per month, country and region with orders or net revenue.
with

regions as (

    select
        sale_month,
        country,
        region,
        orders,
        net_sales,
        net_revenue
    from {{ ref('regional_sales') }}
    where orders <> 0 or net_revenue <> 0

),

final as (

    select
        sale_month as month,
        country,
        region,
        orders,
        net_sales,
        net_revenue
    from regions

)

select * from final
