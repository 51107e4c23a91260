-- One row per category, ABC class and XYZ class with products; products without a class are not
-- here.
with

products as (

    select
        category,
        abc_class,
        xyz_class,
        total_revenue as net_revenue
    from {{ ref('product_performance') }}
    where abc_class is not null and xyz_class is not null

),

final as (

    select
        category,
        abc_class,
        xyz_class,
        cast(count(*) as bigint) as products,
        cast(sum(net_revenue) as numeric(18, 2)) as net_revenue
    from products
    group by category, abc_class, xyz_class

)

select * from final
