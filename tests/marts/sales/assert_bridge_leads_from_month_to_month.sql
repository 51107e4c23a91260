-- The bridge starts from the month before and ends at the month: its net sales are the ledger's,
-- its change is their difference, and only the first and an incomplete month have none.
with

ledger as (

    select
        ledger_month,
        net_sales,
        net_sales - lag(net_sales) over (order by ledger_month) as net_sales_change,
        is_complete
    from {{ ref('revenue_ledger') }}

),

bridge as (

    select
        sale_month,
        net_sales,
        net_sales_change,
        customers_effect + frequency_effect + basket_effect + price_effect as effects
    from {{ ref('revenue_bridge') }}

)

select
    ledger.ledger_month,
    ledger.net_sales_change as ledger_change,
    bridge.net_sales_change,
    bridge.effects
from ledger
full outer join bridge on ledger.ledger_month = bridge.sale_month
where
    coalesce(ledger.net_sales <> bridge.net_sales, true)
    or bridge.net_sales_change
    is distinct from case when ledger.is_complete then ledger.net_sales_change end
    or bridge.effects
    is distinct from case when ledger.is_complete then ledger.net_sales_change end
