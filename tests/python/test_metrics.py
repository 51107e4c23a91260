"""Every metric is what its mart shows: MetricFlow's SQL against the marts, on both engines."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow.sql.render.postgres import PostgresSQLSqlPlanRenderer
from metricflow_semantics.model.dbt_manifest_parser import (
    parse_manifest_from_dbt_generated_manifest,
)
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup
from warehouse import ENGINES, Warehouse, run_script

Build = Callable[[str], Warehouse]
Key = tuple[Any, ...]
Rows = dict[Key, dict[str, Any]]

pytestmark = pytest.mark.parametrize("engine", ENGINES)


@dataclass(frozen=True)
class Tie:
    """Metrics grouped by something, and the query on marts that shows the same.

    The query gives the columns of `by`, then one column per metric, named as the metric.
    """

    by: tuple[str, ...]
    query: str
    # a query for the first day that counts
    since: str = ""


MONTH = "metric_time__month"
DAY = "metric_time__day"

TIES = {
    "revenue_ledger": Tie(
        (MONTH,),
        """
        select ledger_month, gross_sales, discounts, net_sales, refunds, net_revenue, amount_paid
        from quality.revenue_ledger
        """,
    ),
    "monthly_sales": Tie(
        (MONTH,),
        """
        select
            sale_month, gross_sales, discounts, net_sales, refunds, net_revenue,
            cost_of_goods_sold, gross_margin, gross_margin_rate, orders, units,
            avg_order_value, units_per_transaction,
            active_customers, new_customers,
            revenue_mom_growth, revenue_yoy_growth, revenue_year_to_date
        from analytics.monthly_sales
        """,
    ),
    "monthly_sales, added up": Tie(
        (MONTH,),
        """
        select
            sale_month,
            sum(net_sales) over year_to_date as net_sales_year_to_date,
            nullif(sum(refunds) over year_to_date, 0) as refunds_year_to_date
        from analytics.monthly_sales
        window year_to_date as (
            partition by extract(year from sale_month) order by sale_month
        )
        """,
    ),
    "monthly_sales, compared": Tie(
        (MONTH,),
        """
        select
            sale_month,
            cast(
                case
                    when is_complete then orders * 1.0
                        / nullif(lag(orders, 12) over (order by sale_month), 0) - 1
                end as numeric(18, 6)
            ) as orders_yoy_growth
        from analytics.monthly_sales
        """,
    ),
    "daily_sales": Tie(
        (DAY,),
        """
        select
            sale_date, gross_sales, discounts, net_sales, refunds, total_revenue as net_revenue,
            total_orders as orders, units, avg_order_value, unique_customers as active_customers
        from analytics.daily_sales
        """,
    ),
    "regional_sales": Tie(
        (MONTH, "sale__country", "sale__region"),
        """
        select
            sale_month, country, region, net_revenue, orders, units, avg_order_value,
            active_customers
        from analytics.regional_sales
        """,
    ),
    "regional_sales, growth": Tie(
        (MONTH, "sale__country", "sale__region"),
        """
        select
            sale_month, country, region,
            case when orders > 0 then revenue_mom_growth end as revenue_mom_growth,
            case when orders > 0 then revenue_yoy_growth end as revenue_yoy_growth
        from analytics.regional_sales
        """,
    ),
    "discount_impact": Tie(
        (MONTH,),
        "select sale_month, discount_rate, discounted_order_share from analytics.discount_impact",
    ),
    "payment_methods": Tie(
        (MONTH, "payment__payment_method"),
        """
        select
            payment_month, payment_method, amount_paid, attempts as payment_attempts,
            paid_attempts, success_rate as payment_success_rate, orders as paid_orders,
            avg_amount_per_order
        from analytics.payment_methods
        """,
    ),
    "kpi_summary": Tie(
        (),
        """
        select
            max(case when kpi = 'net_revenue' then cast(value as numeric(18, 2)) end)
                as net_revenue,
            max(case when kpi = 'gross_margin' then cast(value as numeric(18, 2)) end)
                as gross_margin,
            max(case when kpi = 'gross_margin_rate' then value end) as gross_margin_rate,
            max(case when kpi = 'refund_rate' then value end) as refund_rate,
            max(case when kpi = 'orders' then cast(value as bigint) end) as orders,
            max(case when kpi = 'units_per_transaction' then value end) as units_per_transaction,
            max(case when kpi = 'avg_order_value' then cast(value as numeric(18, 2)) end)
                as avg_order_value,
            max(case when kpi = 'guest_share' then value end) as guest_order_share,
            max(case when kpi = 'active_customers' then cast(value as bigint) end)
                as active_customers,
            max(case when kpi = 'new_customers' then cast(value as bigint) end) as new_customers,
            max(case when kpi = 'orders_per_customer' then value end) as orders_per_customer,
            max(case when kpi = 'repeat_rate' then value end) as repeat_rate,
            cast(round(
                max(case when kpi = 'repeat_rate' then value end)
                * max(case when kpi = 'active_customers' then value end)
            ) as bigint) as repeat_customers
        from analytics.kpi_summary
        """,
        since="select max(period_start) from analytics.kpi_summary",
    ),
    "kpi_summary, to date": Tie(
        (),
        """
        select
            max(case when kpi = 'customers' then cast(value as bigint) end) as customers,
            max(case when kpi = 'avg_clv_to_date' then cast(value as numeric(18, 2)) end)
                as revenue_per_customer
        from analytics.kpi_summary
        """,
    ),
    "growth_accounting": Tie(
        (MONTH,),
        """
        select
            growth_month, closing_customers as rolling_active_customers, opening_customers,
            churned_customers, churn_rate, new_customers
        from analytics.growth_accounting
        """,
    ),
    "customer_cohorts": Tie(
        (DAY, "cohort__period_number"),
        """
        select
            cohort_period, period_number, cohort_customers,
            active_customers as retained_customers, retention_rate
        from analytics.customer_cohorts
        where is_complete
        """,
    ),
    "customer_cohort_averages": Tie(
        ("cohort__period_number",),
        """
        select
            period_number, cohort_customers, active_customers as retained_customers, retention_rate
        from analytics.customer_cohort_averages
        """,
    ),
    "customer_metrics": Tie(
        ("customer__customer_tier", "customer__customer_segment"),
        """
        select
            customer_tier, customer_segment, count(*) as customers,
            sum(total_revenue) as customer_revenue,
            cast(avg(total_revenue) as numeric(18, 6)) as revenue_per_customer
        from analytics.customer_metrics
        where total_orders > 0
        group by customer_tier, customer_segment
        """,
    ),
    "customer_lifetime_value": Tie(
        ("customer__churn_risk",),
        """
        select churn_risk, cast(avg(clv) as numeric(18, 6)) as avg_customer_lifetime_value
        from analytics.customer_lifetime_value
        group by churn_risk
        """,
    ),
    "category_performance": Tie(
        (MONTH, "product__category"),
        """
        select
            sale_month, category, orders as product_orders, units as product_units,
            net_sales as product_net_sales, refunds as product_refunds,
            net_revenue as product_net_revenue, gross_margin as product_gross_margin
        from analytics.category_performance
        """,
    ),
    "product_performance": Tie(
        ("product",),
        """
        select
            product_id, total_orders as product_orders, total_quantity_sold as product_units,
            total_revenue as product_net_revenue, cost_of_goods_sold as product_cost,
            gross_margin as product_gross_margin,
            gross_margin_rate as product_gross_margin_rate, refund_rate as product_refund_rate
        from analytics.product_performance
        """,
    ),
    "inventory_health": Tie(
        ("product__stock_status",),
        """
        select
            status, cast(sum(units_on_hand) as bigint) as units_on_hand,
            sum(stock_cost) as stock_cost
        from analytics.inventory_health
        group by status
        """,
    ),
    "channel_performance": Tie(
        (MONTH, "channel"),
        """
        select
            activity_month, channel, spend as marketing_spend,
            nullif(spend, 0) as acquisition_spend,
            new_customers as acquired_customers, customer_acquisition_cost, last_touch_revenue,
            last_touch_roas as return_on_ad_spend, linear_revenue,
            linear_roas as linear_return_on_ad_spend, sessions, converted_sessions, conversion_rate
        from analytics.channel_performance
        """,
    ),
    "conversion_funnel": Tie(
        (DAY, "channel", "session__device"),
        """
        select session_date, channel, device, sessions, converted_sessions
        from analytics.conversion_funnel
        """,
    ),
    "cart_abandonment": Tie(
        (MONTH, "channel"),
        """
        select
            carts.cart_month, carts.channel, carts.abandoned_carts, carts.cart_recovery_rate,
            cast(carts.abandoned_carts * 1.0 / filled.carts as numeric(18, 6))
                as cart_abandonment_rate
        from (
            select
                cast(date_trunc('month', session_date) as date) as cart_month, channel,
                count(*) as abandoned_carts,
                cast(
                    sum(case when is_recovered and is_recovery_complete then 1.0 else 0.0 end)
                    / nullif(sum(case when is_recovery_complete then 1 else 0 end), 0)
                    as numeric(18, 6)
                ) as cart_recovery_rate
            from analytics.cart_abandonment
            group by 1, 2
        ) as carts
        inner join (
            select
                cast(date_trunc('month', session_date) as date) as cart_month, channel,
                count(*) as carts
            from analytics.fct_sessions
            where add_to_carts > 0
            group by 1, 2
        ) as filled on carts.cart_month = filled.cart_month and carts.channel = filled.channel
        """,
    ),
    "support_performance": Tie(
        (MONTH, "ticket__topic"),
        """
        select
            ticket_month, topic, opened_tickets as support_tickets, backlog as ticket_backlog
        from analytics.support_performance
        """,
    ),
    "support_performance, to date": Tie(
        (),
        """
        select
            cast(sum(opened_tickets) as bigint) as support_tickets,
            cast(sum(
                case when ticket_month = last_month then backlog else 0 end
            ) as bigint) as ticket_backlog
        from (
            select *, max(ticket_month) over () as last_month from analytics.support_performance
        ) as months
        """,
    ),
    "support_performance and monthly_sales": Tie(
        (MONTH,),
        """
        select
            sale_month,
            cast(tickets.opened * 1.0 / nullif(orders, 0) as numeric(18, 6))
                as tickets_per_order
        from analytics.monthly_sales
        inner join (
            select ticket_month, sum(opened_tickets) as opened
            from analytics.support_performance
            group by ticket_month
        ) as tickets on sale_month = ticket_month
        """,
    ),
}

# Metrics that add up over anything they can be looked at by.
ADDITIVE = ("net_revenue", "product_net_revenue", "sessions")


class Client:
    """What MetricFlow asks of a database to write SQL for it; the tests run the SQL themselves."""

    def __init__(self, engine: str) -> None:
        is_duckdb = engine == "duckdb"
        self.sql_engine_type = SqlEngine.DUCKDB if is_duckdb else SqlEngine.POSTGRES
        self.sql_plan_renderer = (
            DuckDbSqlPlanRenderer() if is_duckdb else PostgresSQLSqlPlanRenderer()
        )


@functools.cache
def metricflow(folder: Path, engine: str) -> MetricFlowEngine:
    """MetricFlow on the semantic manifest of a build, in whatever database a copy of it is."""
    manifest = (folder / "target" / "semantic_manifest.json").read_text()
    database = json.loads(manifest)["semantic_models"][0]["node_relation"]["database"]
    manifest = manifest.replace(rf'"\"{database}\".', '"')
    lookup = SemanticManifestLookup(parse_manifest_from_dbt_generated_manifest(manifest))
    return MetricFlowEngine(lookup, Client(engine))


def metric_names(warehouse: Warehouse) -> set[str]:
    """The metrics the project defines."""
    manifest = (warehouse.folder / "target" / "semantic_manifest.json").read_text()
    return {metric["name"] for metric in json.loads(manifest)["metrics"]}


def ask(warehouse: Warehouse, metrics: Sequence[str], by: Sequence[str], since: str = "") -> Rows:
    """Query metrics as `mf query` does."""
    first_day = f"{{{{ TimeDimension('metric_time', 'day') }}}} >= '{since}'"
    request = MetricFlowQueryRequest.create(
        metric_names=metrics,
        group_by_names=by or None,
        where_constraints=[first_day] if since else None,
    )
    plan = metricflow(warehouse.folder, warehouse.engine).explain(request)
    return keyed(warehouse, plan.sql_statement.without_descriptions.sql, by)


def keyed(warehouse: Warehouse, sql: str, by: Sequence[str]) -> Rows:
    """The rows of a query as values by name, under the values of its first columns."""
    with closing(warehouse.connect()) as connection:
        cursor = connection.cursor()
        cursor.execute(sql)
        rows = cursor.fetchall()
        names = [column[0] for column in cursor.description][len(by) :]
    # months come as timestamps from MetricFlow and as dates from marts
    found = {
        tuple(key.date() if isinstance(key, datetime) else key for key in row[: len(by)]): dict(
            zip(names, row[len(by) :], strict=True)
        )
        for row in rows
    }
    assert len(found) == len(rows), f"keys come twice: {sql}"
    return found


def differences(found: Rows, expected: Rows) -> list[str]:
    """Where a metric is not what the mart shows. A row that one side lacks counts as nothing."""
    metrics = next(iter(expected.values()))
    return [
        f"{metric} {key}: {mine} is not {theirs}"
        for key in found.keys() | expected.keys()
        for metric in metrics
        for mine in [found.get(key, {}).get(metric)]
        for theirs in [expected.get(key, {}).get(metric)]
        if not agree(mine, theirs, key in found and key in expected)
    ]


def agree(found: Any, expected: Any, are_both_there: bool) -> bool:
    """Whether a value is the mart's: sums exactly, quotients once rounded as the mart rounds."""
    if not are_both_there:
        return not found and not expected
    if found is None or expected is None:
        return found is expected
    digits = -Decimal(expected).as_tuple().exponent
    gap = abs(Decimal(found) - expected)
    if isinstance(found, float) or -Decimal(found).as_tuple().exponent > digits:
        return gap <= Decimal(10) ** -digits / 2 + Decimal("1e-12")
    return gap == 0


def test_every_metric_has_a_tie(engine: str, sample_shop: Build) -> None:
    """No metric is without a mart that shows the same."""
    warehouse = sample_shop(engine)
    tied = {
        metric
        for tie in TIES.values()
        for metric in next(iter(keyed(warehouse, tie.query, tie.by).values()))
    }
    assert tied == metric_names(warehouse)


@pytest.mark.parametrize("marts", TIES)
def test_metrics_are_what_marts_show(engine: str, marts: str, sample_shop: Build) -> None:
    """To the cent, all metrics of a tie in one query."""
    warehouse, tie = sample_shop(engine), TIES[marts]
    expected = keyed(warehouse, tie.query, tie.by)
    since = str(warehouse.value(tie.since)) if tie.since else ""
    found = ask(warehouse, list(next(iter(expected.values()))), tie.by, since)
    assert differences(found, expected) == []


@pytest.mark.parametrize("metric", ADDITIVE)
def test_no_join_counts_twice(engine: str, metric: str, sample_shop: Build) -> None:
    """Whatever an additive metric is looked at by, its parts add up to the whole."""
    warehouse = sample_shop(engine)
    [whole] = [row[metric] for row in ask(warehouse, [metric], []).values()]
    items = metricflow(warehouse.folder, warehouse.engine).simple_dimensions_for_metrics([metric])
    names = {item.granularity_free_dunder_name for item in items}
    parts = {
        name: sum(row[metric] for row in ask(warehouse, [metric], [name]).values() if row[metric])
        for name in names
        if name.count("__") == 1
    }
    assert {"customer__customer_segment", "calendar__weekday"} < set(parts)
    assert parts == dict.fromkeys(parts, whole)


def test_no_row_lies_in_the_future(engine: str, sample_shop: Build) -> None:
    """Running totals and comparisons end with the as-of date."""
    warehouse = sample_shop(engine)
    days = ask(warehouse, ["revenue_year_to_date", "rolling_active_customers"], [DAY])
    months = ask(warehouse, ["revenue_mom_growth", "revenue_yoy_growth"], [MONTH])
    newest = warehouse.value("select as_of_date from intermediate.int_as_of_date")
    assert max(days) == (newest,)
    assert max(months) == (newest.replace(day=1),)


def test_command_line(engine: str, sample_shop: Build) -> None:
    """scripts/metrics.py answers off what was published."""
    warehouse = sample_shop(engine)
    if warehouse.postgres:  # dbt has built where readers read: say that this is published
        with closing(warehouse.connect()) as connection, connection:
            connection.cursor().execute(
                "create table if not exists quality.publication as "
                "select now() as published_at, cast('{}' as json) as manifest"
            )
    answer = warehouse.folder / "overview.csv"
    question = ("query", "--saved-query", "monthly_overview", "--csv", str(answer))
    run = run_script(warehouse, "metrics.py", "--target", engine, *question)
    assert run.returncode == 0, run.stdout + run.stderr
    rows = answer.read_text().splitlines()
    assert rows[0].startswith("metric_time__month,gross_sales,")
    assert len(rows) == 1 + warehouse.value("select count(*) from analytics.monthly_sales")
