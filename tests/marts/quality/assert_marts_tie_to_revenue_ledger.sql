-- Every mart that shows revenue gives the ledger's figures, month by month and to the cent. Orders
-- and lines date refunds by the order, so they are compared on net sales; their refunds are tied by
-- assert_refunds_tie_to_revenue_ledger. Categories leave out orders without lines: these are added.
with

ledger as (

    select
        ledger_month,
        gross_sales,
        discounts,
        net_sales,
        refunds,
        net_revenue
    from {{ ref('revenue_ledger') }}

),

figures as (

    select
        'monthly_sales' as mart,
        sale_month as ledger_month,
        gross_sales,
        discounts,
        net_sales,
        refunds
    from {{ ref('monthly_sales') }}
    union all
    select
        'daily_sales' as mart,
        cast({{ dbt.date_trunc('month', 'sale_date') }} as date) as ledger_month,
        sum(gross_sales) as gross_sales,
        sum(discounts) as discounts,
        sum(net_sales) as net_sales,
        sum(refunds) as refunds
    from {{ ref('daily_sales') }}
    group by cast({{ dbt.date_trunc('month', 'sale_date') }} as date)
    union all
    select
        'regional_sales' as mart,
        sale_month as ledger_month,
        sum(gross_sales) as gross_sales,
        sum(discounts) as discounts,
        sum(net_sales) as net_sales,
        sum(refunds) as refunds
    from {{ ref('regional_sales') }}
    group by sale_month
    union all
    select
        'category_performance' as mart,
        ledger_month,
        sum(gross_sales) as gross_sales,
        sum(discounts) as discounts,
        sum(net_sales) as net_sales,
        sum(refunds) as refunds
    from (
        select
            sale_month as ledger_month,
            gross_sales,
            discounts,
            net_sales,
            refunds
        from {{ ref('category_performance') }}
        union all
        select
            cast({{ dbt.date_trunc('month', 'order_date') }} as date) as ledger_month,
            gross_sales,
            discounts,
            net_sales,
            0 as refunds
        from {{ ref('fct_orders') }}
        where is_sale and is_amount_from_total
        union all
        select
            cast({{ dbt.date_trunc('month', 'refund_date') }} as date) as ledger_month,
            0 as gross_sales,
            0 as discounts,
            0 as net_sales,
            amount as refunds
        from {{ ref('fct_refunds') }}
        where is_sale and order_item_id is null
    ) as categories_and_orders_without_lines
    group by ledger_month
    union all
    select
        'discount_impact' as mart,
        sale_month as ledger_month,
        gross_sales,
        discounts,
        net_sales,
        cast(null as numeric(18, 2)) as refunds
    from {{ ref('discount_impact') }}
    union all
    select
        'fct_orders' as mart,
        cast({{ dbt.date_trunc('month', 'order_date') }} as date) as ledger_month,
        sum(gross_sales) as gross_sales,
        sum(discounts) as discounts,
        sum(net_sales) as net_sales,
        cast(null as numeric(18, 2)) as refunds
    from {{ ref('fct_orders') }}
    where is_sale
    group by cast({{ dbt.date_trunc('month', 'order_date') }} as date)
    union all
    select
        'fct_order_items' as mart,
        cast({{ dbt.date_trunc('month', 'order_date') }} as date) as ledger_month,
        sum(gross_sales) as gross_sales,
        sum(discounts) as discounts,
        sum(net_sales) as net_sales,
        cast(null as numeric(18, 2)) as refunds
    from (
        select
            order_date,
            gross_sales,
            discounts,
            net_sales
        from {{ ref('fct_order_items') }}
        where is_sale
        union all
        select
            order_date,
            gross_sales,
            discounts,
            net_sales
        from {{ ref('fct_orders') }}
        where is_sale and is_amount_from_total
    ) as lines_and_orders_without_lines
    group by cast({{ dbt.date_trunc('month', 'order_date') }} as date)

),

marts as (

    select distinct mart
    from figures

),

months_of_marts as (

    select
        marts.mart,
        ledger.*
    from marts
    cross join ledger

)

select
    months_of_marts.mart,
    months_of_marts.ledger_month,
    months_of_marts.net_sales as ledger_net_sales,
    figures.net_sales as mart_net_sales
from months_of_marts
full outer join figures
    on
        months_of_marts.mart = figures.mart
        and months_of_marts.ledger_month = figures.ledger_month
where
    months_of_marts.ledger_month is null
    or months_of_marts.gross_sales <> coalesce(figures.gross_sales, 0)
    or months_of_marts.discounts <> coalesce(figures.discounts, 0)
    or months_of_marts.net_sales <> coalesce(figures.net_sales, 0)
    or (
        months_of_marts.mart in (
            'monthly_sales', 'daily_sales', 'regional_sales', 'category_performance'
        )
        and months_of_marts.refunds <> coalesce(figures.refunds, 0)
    )
