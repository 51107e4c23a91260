"""What the dashboard reads from the marts: small tables, most of them summed to the month.

Every query runs on DuckDB and on PostgreSQL. A query comes in one or more versions, from the
finest to the coarsest; the first that gives few enough rows is used, so that the page stays small
in a large shop. The page says where a coarser version keeps a filter from acting.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

# Rows a table of the page may have before its coarser version is used.
MOST_ROWS = 80_000
# Rows of the lists that show the most urgent or strongest only.
MOST_LISTED = 1_000

# Orders by what the filters ask for. Orders of one customer, month, country and set of categories
# are one row; guests have no customer. An order without lines has no category.
ORDERS = """
with

categories as (

    select category, cast(row_number() over (order by category) as varchar) as category_number
    from (select distinct category from {analytics}.dim_products) as names

),

order_categories as (

    select distinct items.order_id, categories.category_number
    from {analytics}.fct_order_items as items
    inner join {analytics}.dim_products as products on items.product_id = products.product_id
    inner join categories on products.category = categories.category
    where items.is_sale

),

order_sets as (

    select order_id, string_agg(category_number, ' ' order by category_number) as categories
    from order_categories
    group by order_id

),

customers as (

    select customer_id, row_number() over (order by customer_id) as customer
    from {analytics}.dim_customers

)

select
    cast(date_trunc('month', orders.order_date) as date) as month,
    coalesce(orders.country, 'Unknown') as country,
    order_sets.categories,
    $customer as customer,
    cast(coalesce(orders.customer_order_number, 0) = 1 as integer) as is_first,
    count(*) as orders
from {analytics}.fct_orders as orders
left join order_sets on orders.order_id = order_sets.order_id
left join customers on orders.customer_id = customers.customer_id
where orders.is_sale
group by 1, 2, 3, 4, 5
order by 1, 2, 3, 4, 5
"""

# Sold and refunded by month, country and product; each refund in the month it was given.
PRODUCT_SALES = """
select
    month,
    $country as country,
    product_id,
    sum(net_sales) as net_sales,
    sum(refunds) as refunds,
    sum(cost_of_goods_sold) as cost_of_goods_sold,
    cast(sum(units) as bigint) as units,
    cast(sum(orders) as bigint) as orders
from (
    select
        cast(date_trunc('month', items.order_date) as date) as month,
        coalesce(orders.country, 'Unknown') as country,
        items.product_id,
        sum(items.net_sales) as net_sales,
        cast(0 as numeric(18, 2)) as refunds,
        sum(items.cost_of_goods_sold) as cost_of_goods_sold,
        sum(items.quantity) as units,
        count(distinct items.order_id) as orders
    from {analytics}.fct_order_items as items
    inner join {analytics}.fct_orders as orders on items.order_id = orders.order_id
    where items.is_sale
    group by 1, 2, 3
    union all
    select
        cast(date_trunc('month', refunds.refund_date) as date) as month,
        coalesce(orders.country, 'Unknown') as country,
        items.product_id,
        cast(0 as numeric(18, 2)) as net_sales,
        sum(refunds.amount) as refunds,
        null as cost_of_goods_sold,
        0 as units,
        0 as orders
    from {analytics}.fct_refunds as refunds
    inner join {analytics}.fct_orders as orders on refunds.order_id = orders.order_id
    inner join {analytics}.fct_order_items as items
        on refunds.order_item_id = items.order_item_id
    where refunds.is_sale
    group by 1, 2, 3
) as movements
where $products
group by 1, 2, 3
order by 1, 2, 3
"""

PRODUCTS = """
select
    product_id,
    product_name,
    category,
    subcategory,
    abc_class,
    xyz_class,
    total_revenue as net_revenue,
    avg_rating
from {analytics}.product_performance
where $products
order by product_id
"""
LISTED = f"revenue_rank <= {MOST_LISTED}"

QUERIES: dict[str, list[str]] = {
    "months": [
        """
        select sale_month as month, is_complete, net_revenue
        from {analytics}.monthly_sales
        order by 1
        """
    ],
    # Orders without lines, and refunds on them, have no category.
    "sales": [
        """
        select
            month,
            country,
            category,
            sum(gross_sales) as gross_sales,
            sum(net_sales) as net_sales,
            sum(refunds) as refunds,
            sum(cost_of_goods_sold) as cost_of_goods_sold,
            cast(sum(units) as bigint) as units
        from (
            select
                cast(date_trunc('month', items.order_date) as date) as month,
                coalesce(orders.country, 'Unknown') as country,
                products.category,
                items.gross_sales,
                items.net_sales,
                cast(0 as numeric(18, 2)) as refunds,
                items.cost_of_goods_sold,
                items.quantity as units
            from {analytics}.fct_order_items as items
            inner join {analytics}.fct_orders as orders on items.order_id = orders.order_id
            inner join {analytics}.dim_products as products
                on items.product_id = products.product_id
            where items.is_sale
            union all
            select
                cast(date_trunc('month', order_date) as date) as month,
                coalesce(country, 'Unknown') as country,
                null as category,
                gross_sales,
                net_sales,
                cast(0 as numeric(18, 2)) as refunds,
                cost_of_goods_sold,
                units
            from {analytics}.fct_orders
            where is_sale and order_lines = 0
            union all
            select
                cast(date_trunc('month', refunds.refund_date) as date) as month,
                coalesce(orders.country, 'Unknown') as country,
                products.category,
                cast(0 as numeric(18, 2)) as gross_sales,
                cast(0 as numeric(18, 2)) as net_sales,
                refunds.amount as refunds,
                null as cost_of_goods_sold,
                0 as units
            from {analytics}.fct_refunds as refunds
            inner join {analytics}.fct_orders as orders on refunds.order_id = orders.order_id
            left join {analytics}.fct_order_items as items
                on refunds.order_item_id = items.order_item_id
            left join {analytics}.dim_products as products
                on items.product_id = products.product_id
            where refunds.is_sale
        ) as movements
        group by 1, 2, 3
        order by 1, 2, 3
        """
    ],
    "categories": [
        """
        select distinct category from {analytics}.dim_products order by category
        """
    ],
    "orders": [
        ORDERS.replace("$customer", "customers.customer"),
        ORDERS.replace("$customer", "cast(null as bigint)"),
    ],
    "product_sales": [
        PRODUCT_SALES.replace("$country", "country").replace("$products", "true"),
        PRODUCT_SALES.replace("$country", "cast(null as varchar)").replace("$products", "true"),
        PRODUCT_SALES.replace("$country", "cast(null as varchar)").replace(
            "$products",
            "product_id in (select product_id from {analytics}.product_performance "
            f"where {LISTED})",
        ),
    ],
    "products": [PRODUCTS.replace("$products", "true"), PRODUCTS.replace("$products", LISTED)],
    "abc_xyz": [
        """
        select
            category,
            abc_class,
            xyz_class,
            count(*) as products,
            sum(total_revenue) as net_revenue
        from {analytics}.product_performance
        where abc_class is not null and xyz_class is not null
        group by 1, 2, 3
        order by 1, 2, 3
        """
    ],
    # A curve needs no more than some hundred points.
    "pareto": [
        """
        select
            revenue_rank,
            abc_class,
            cumulative_entity_share,
            cumulative_revenue_share
        from (
            select
                pareto.*,
                count(*) over () as entities,
                lead(abc_class) over (order by revenue_rank) as next_class
            from {analytics}.revenue_pareto as pareto
            where entity_type = 'product'
        ) as ranked
        where
            revenue_rank <= 50
            or mod(revenue_rank, 1 + cast(floor(entities / 300.0) as bigint)) = 0
            or abc_class <> next_class
            or next_class is null
        order by revenue_rank
        """
    ],
    "forecast": [
        """
        select
            forecast_month as month,
            forecast_revenue,
            lower_80,
            upper_80,
            lower_95,
            upper_95,
            method,
            status,
            is_running_month
        from {analytics}.sales_forecast
        order by 1
        """
    ],
    "forecast_accuracy": [
        """
        select method, mape, mase, coverage_80, is_champion
        from {analytics}.forecast_accuracy
        where scope = 'all'
        order by mape, method
        """
    ],
    "bridge": [
        """
        select
            sale_month as month,
            net_sales_change,
            customers_effect,
            frequency_effect,
            basket_effect,
            price_effect,
            is_complete
        from {analytics}.revenue_bridge
        where is_complete and net_sales_change is not null
        order by 1
        """
    ],
    "kpis": [
        """
        select
            kpi,
            unit,
            value,
            previous_value,
            value_growth,
            period_start,
            period_end
        from {analytics}.kpi_summary
        order by kpi_number
        """
    ],
    "anomalies": [
        """
        select
            metric_date,
            cast(date_trunc('month', metric_date) as date) as month,
            metric,
            direction,
            value,
            expected_value,
            calendar_event,
            explaining_dimension,
            explaining_value
        from {quality}.anomalies
        order by 1, 2, 3
        """
    ],
    "segments": [
        """
        select
            coalesce(metrics.country, 'Unknown') as country,
            rfm.segment,
            rfm.recency_score,
            rfm.frequency_score,
            count(*) as customers,
            sum(rfm.monetary) as monetary
        from {analytics}.customer_rfm as rfm
        inner join {analytics}.customer_metrics as metrics
            on rfm.customer_id = metrics.customer_id
        group by 1, 2, 3, 4
        order by 1, 2, 3, 4
        """
    ],
    "migration": [
        """
        select segment_month as month, from_segment, to_segment, customers, from_share
        from {analytics}.segment_migration
        where is_complete
        order by 1, 2, 3
        """
    ],
    # The newest 36 cohorts; what cannot have happened yet is left out.
    "cohorts": [
        """
        select
            cohort_period,
            period_number,
            cohort_customers,
            active_customers,
            retention_rate,
            cumulative_revenue_per_customer,
            is_complete
        from {analytics}.customer_cohorts
        where
            is_observed
            and cohort_period in (
                select cohort_period
                from {analytics}.customer_cohorts
                group by cohort_period
                order by cohort_period desc
                limit 36
            )
        order by 1, 2
        """
    ],
    # Bins of equal width, so that nine of ten customers lie in the first 16; the last one is open.
    "clv": [
        """
        with

        width as (

            select
                cast(
                    greatest(
                        1,
                        ceil(
                            percentile_cont(0.9) within group (order by clv) / 16
                            / power(10, floor(log(greatest(
                                1, percentile_cont(0.9) within group (order by clv) / 16
                            ))))
                        ) * power(10, floor(log(greatest(
                            1, percentile_cont(0.9) within group (order by clv) / 16
                        ))))
                    ) as numeric(18, 2)
                ) as bin_width
            from {analytics}.customer_lifetime_value

        )

        select
            coalesce(metrics.country, 'Unknown') as country,
            values_of.churn_risk,
            cast(least(floor(values_of.clv / width.bin_width), 24) as bigint) as bin,
            width.bin_width,
            count(*) as customers,
            sum(values_of.clv) as clv
        from {analytics}.customer_lifetime_value as values_of
        cross join width
        inner join {analytics}.customer_metrics as metrics
            on values_of.customer_id = metrics.customer_id
        group by 1, 2, 3, 4
        order by 1, 2, 3, 4
        """
    ],
    # Who was worth most and may be leaving. No names: a file travels further than a database.
    "at_risk": [
        f"""
        select
            coalesce(metrics.country, 'Unknown') as country,
            values_of.customer_id,
            rfm.segment,
            values_of.churn_risk,
            values_of.probability_alive,
            values_of.historical_orders,
            values_of.historical_revenue,
            values_of.silence_days,
            values_of.lapse_after_days,
            values_of.clv
        from {{analytics}}.customer_lifetime_value as values_of
        inner join {{analytics}}.customer_metrics as metrics
            on values_of.customer_id = metrics.customer_id
        inner join {{analytics}}.customer_rfm as rfm on values_of.customer_id = rfm.customer_id
        where values_of.churn_risk in ('Medium', 'High')
        order by values_of.historical_revenue desc, values_of.customer_id
        limit {MOST_LISTED // 2}
        """
    ],
    "rules": [
        f"""
        select
            rules.antecedents,
            rules.consequent,
            products.category,
            rules.rule_count,
            rules.support,
            rules.confidence,
            rules.lift,
            rules.is_redundant
        from {{analytics}}.market_basket_rules as rules
        left join {{analytics}}.dim_products as products
            on rules.consequent_key = products.product_id and rules.item_level = 'product'
        order by
            rules.is_redundant, rules.lift desc, rules.rule_count desc,
            rules.antecedents, rules.consequent
        limit {MOST_LISTED}
        """
    ],
    "rules_found": [
        """
        select count(*) as rules from {analytics}.market_basket_rules
        """
    ],
    "recommendation_accuracy": [
        """
        select
            method,
            k,
            tested_customers,
            customers_hit,
            hit_rate,
            recall,
            mean_reciprocal_rank,
            coverage
        from {analytics}.recommendation_accuracy
        order by k, method
        """
    ],
    "funnel": [
        """
        select
            cast(date_trunc('month', session_date) as date) as month,
            channel,
            device,
            cast(sum(sessions) as bigint) as sessions,
            cast(sum(product_view_sessions) as bigint) as product_view_sessions,
            cast(sum(cart_sessions) as bigint) as cart_sessions,
            cast(sum(checkout_sessions) as bigint) as checkout_sessions,
            cast(sum(purchase_sessions) as bigint) as purchase_sessions
        from {analytics}.conversion_funnel
        group by 1, 2, 3
        having sum(sessions) > 0
        order by 1, 2, 3
        """
    ],
    "channels": [
        """
        select
            activity_month as month,
            channel,
            spend,
            sessions,
            converted_sessions,
            orders,
            linear_revenue,
            new_customers
        from {analytics}.channel_performance
        order by 1, 2
        """
    ],
    "carts": [
        """
        select
            cast(date_trunc('month', session_date) as date) as month,
            case
                when is_recovered then 'came back and bought'
                when is_recovery_complete then 'lost'
                else 'may still come back'
            end as outcome,
            count(*) as carts,
            sum(cart_value) as cart_value
        from {analytics}.cart_abandonment
        group by 1, 2
        order by 1, 2
        """
    ],
    "stock": [
        """
        select
            category,
            status,
            count(*) as products,
            sum(stock_cost) as stock_cost,
            cast(sum(units_on_hand) as bigint) as units_on_hand,
            sum(lost_sales) as lost_sales
        from {analytics}.inventory_health
        group by 1, 2
        order by 1, 2
        """
    ],
    "stock_items": [
        f"""
        select
            product_id,
            product_name,
            category,
            status,
            status_reason,
            units_on_hand,
            units_on_order,
            reorder_quantity,
            reorder_date,
            days_of_cover,
            lead_time_days,
            sales_velocity,
            lost_sales,
            stock_cost,
            is_reorder_due
        from {{analytics}}.inventory_health
        order by is_reorder_due desc nulls last, reorder_date nulls last, product_id
        limit {MOST_LISTED}
        """
    ],
    "regions": [
        """
        select
            sale_month as month,
            country,
            region,
            orders,
            net_sales,
            refunds,
            net_revenue
        from {analytics}.regional_sales
        where orders <> 0 or net_revenue <> 0
        order by 1, 2, 3
        """
    ],
    "payments": [
        """
        select
            payment_month as month,
            payment_method,
            attempts,
            paid_attempts,
            orders,
            amount_paid
        from {analytics}.payment_methods
        order by 1, 2
        """
    ],
    "reconciliation": [
        """
        select entity, raw_rows, staged_rows, rejected_rows, flagged_rows, is_reconciled
        from {quality}.row_reconciliation
        order by entity
        """
    ],
    "rejected": [
        """
        select entity, rejection_reason, count(*) as rows_rejected
        from {quality}.rejected_rows
        group by 1, 2
        order by 3 desc, 1, 2
        """
    ],
    "ledger": [
        """
        select
            ledger_month as month,
            gross_sales,
            discounts,
            refunds,
            net_revenue,
            shipping_amount,
            tax_amount,
            amount_charged,
            amount_paid,
            amount_paid_minus_charged,
            unexplained_amount,
            is_complete
        from {quality}.revenue_ledger
        order by 1
        """
    ],
    "unmapped": [
        """
        select entity, column_name, value, reference_seed, staged_rows
        from {quality}.unmapped_values
        order by staged_rows desc, entity, column_name, value
        """
    ],
}


def marts_read() -> set[str]:
    """Names of the marts that the queries read."""
    sql = "\n".join(version for versions in QUERIES.values() for version in versions)
    return set(re.findall(r"\{(?:analytics|quality)\}\.(\w+)", sql))


def read_tables(connection: Any, prefix: str = "") -> dict[str, dict[str, Any]]:
    """Every table of the page, encoded for JSON; prefix is the SCHEMA_PREFIX of the marts."""
    return {name: read_table(connection, versions, prefix) for name, versions in QUERIES.items()}


def read_table(connection: Any, versions: Sequence[str], prefix: str = "") -> dict[str, Any]:
    """One table in the finest version that is small enough, else in the coarsest."""
    cursor = connection.cursor()
    for number, sql in enumerate(versions, start=1):
        cursor.execute(sql.format(analytics=f"{prefix}analytics", quality=f"{prefix}quality"))
        rows = cursor.fetchmany(MOST_ROWS + 1)
        if len(rows) <= MOST_ROWS or number == len(versions):
            break
    rows += cursor.fetchall()
    names = [column[0] for column in cursor.description]
    columns = dict(zip(names, zip(*rows, strict=True) if rows else [[]] * len(names), strict=True))
    return {
        "rows": len(rows),
        "version": number - 1,
        "columns": {name: encode(values) for name, values in columns.items()},
    }


def encode(values: Sequence[Any]) -> dict[str, Any]:
    """A column as small JSON: hundredths, numbers, or places in a list of different texts.

    Amounts have two decimals in the marts and travel as whole hundredths, so that sums in the page
    are exact.
    """
    known = next((value for value in values if value is not None), None)
    if isinstance(known, Decimal) and known.as_tuple().exponent == -2:
        return {"hundredths": [None if value is None else int(value.scaleb(2)) for value in values]}
    if isinstance(known, (bool, int)):
        return {"numbers": list(values)}
    if isinstance(known, (float, Decimal)):
        return {"numbers": [None if value is None else compact(value) for value in values]}
    texts = sorted({str(value) for value in values if value is not None})
    place = {text: number for number, text in enumerate(texts)}
    return {
        "texts": texts,
        "places": [-1 if value is None else place[str(value)] for value in values],
    }


def compact(value: float | Decimal) -> float | int:
    """A number as short as it goes; of estimates only the seven first digits, which is plenty."""
    number = float(value) if isinstance(value, Decimal) else float(f"{value:.7g}")
    return int(number) if number.is_integer() else number
