-- Every product has one row in product_performance and, where stock is counted at all, in
-- inventory_health.
with

figures as (

    select
        (select count(*) from {{ ref('dim_products') }}) as products,
        (select count(*) from {{ ref('product_performance') }}) as in_performance,
        (select count(*) from {{ ref('inventory_health') }}) as in_inventory,
        (select count(*) from {{ ref('fct_inventory_snapshots') }}) as counts

)

select *
from figures
where
    products <> in_performance
    or in_inventory <> case when counts > 0 then products else 0 end
