"""UCI Online Retail gives the figures others published for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from warehouse import ENGINES, Warehouse

# Published for known customers, no cancellations, positive quantity and price.
SALE_LINES = 397_884
CUSTOMERS = 4_338
INVOICES = 18_532
GROSS_SALES = Decimal("8911407.90")
MONTHS = {date(2010, 12, 1): Decimal("572713.89"), date(2011, 11, 1): Decimal("1161817.38")}
COUNTRIES = {
    "United Kingdom": Decimal("7308391.55"),
    "Netherlands": Decimal("285446.34"),
    "Ireland": Decimal("265545.90"),  # EIRE in the data
    "Germany": Decimal("228867.14"),
    "France": Decimal("209024.05"),
}

# Share of the customers that make 80 % of revenue, and share of revenue that the top 20 % make.
PARETO = (0.261, 0.746)

pytestmark = pytest.mark.parametrize("engine", ENGINES)
Build = Callable[[str], Warehouse]


def test_sale_lines_and_customers(engine: str, online_retail: Build) -> None:
    """Lines, customers and gross sales of known customers are the published ones."""
    assert online_retail(engine).query(
        "select count(*), count(distinct customer_id), sum(gross_sales) "
        "from analytics.fct_order_items where is_sale and not is_free and customer_id is not null"
    ) == [(SALE_LINES, CUSTOMERS, GROSS_SALES)]


def test_orders(engine: str, online_retail: Build) -> None:
    """Orders tell the same story as lines."""
    assert online_retail(engine).query(
        "select count(*), count(distinct customer_id), sum(gross_sales) from analytics.fct_orders "
        "where is_sale and not is_guest"
    ) == [(INVOICES, CUSTOMERS, GROSS_SALES)]


def test_months(engine: str, online_retail: Build) -> None:
    """Monthly gross sales of known customers are the published ones."""
    months = dict(
        online_retail(engine).query(
            "select dates.month_start_date, sum(gross_sales) from analytics.fct_orders "
            "inner join analytics.dim_dates as dates on order_date = date_day "
            "where is_sale and not is_guest group by 1"
        )
    )
    assert len(months) == 13
    assert {month: months[month] for month in MONTHS} == MONTHS


def test_countries(engine: str, online_retail: Build) -> None:
    """Gross sales of the largest countries are the published ones, in their order."""
    assert (
        dict(
            online_retail(engine).query(
                "select country, sum(gross_sales) from analytics.fct_orders "
                "where is_sale and not is_guest group by 1 order by 2 desc limit 5"
            )
        )
        == COUNTRIES
    )


def test_months_and_countries_in_marts(engine: str, online_retail: Build) -> None:
    """Marts give the facts' months and countries, of which the published ones are a part."""
    warehouse = online_retail(engine)
    in_months = "select date_trunc('month', order_date)::date, sum(gross_sales) "
    from_facts = "from analytics.fct_orders where is_sale"
    assert warehouse.query(
        "select sale_month, gross_sales from analytics.monthly_sales order by 1"
    ) == warehouse.query(f"{in_months} {from_facts} group by 1 order by 1")
    assert warehouse.query(
        "select country, sum(gross_sales) from analytics.regional_sales group by 1 order by 1"
    ) == warehouse.query(f"select country, sum(gross_sales) {from_facts} group by 1 order by 1")
    guests = warehouse.value(
        f"select sum(gross_sales) {from_facts} and is_guest and order_date >= '2011-11-01' "
        "and order_date < '2011-12-01'"
    )
    november = warehouse.value(
        "select sum(gross_sales) from analytics.regional_sales where sale_month = '2011-11-01'"
    )
    assert november - guests == MONTHS[date(2011, 11, 1)]


def test_pareto(engine: str, online_retail: Build) -> None:
    """26.1 % of the customers make 80 % of their revenue, the top 20 % make 74.6 %."""
    ((customers, revenue, share_for_80, share_of_20),) = online_retail(engine).query(
        "select count(*), sum(net_revenue), "
        "min(case when cumulative_revenue_share >= 0.8 then cumulative_entity_share end), "
        "max(case when cumulative_entity_share <= 0.2 then cumulative_revenue_share end) "
        "from analytics.revenue_pareto where entity_type = 'customer'"
    )
    assert (customers, revenue) == (CUSTOMERS, GROSS_SALES)
    assert (round(float(share_for_80), 3), round(float(share_of_20), 3)) == PARETO


def test_last_month_is_kept_out_of_growth(engine: str, online_retail: Build) -> None:
    """December 2011, nine days long, has no growth, rank change or bridge in any sales mart."""
    warehouse = online_retail(engine)
    for mart, growth in {
        "regional_sales": ["revenue_mom_growth", "revenue_yoy_growth"],
        "category_performance": ["revenue_mom_growth", "rank_change"],
        "revenue_bridge": ["net_sales_change", "customers_effect", "price_effect"],
    }.items():
        counts = ", ".join(f"count({column})" for column in growth)
        ((rows, incomplete, *compared),) = warehouse.query(
            f"select count(*), sum(case when is_complete then 0 else 1 end), {counts} "
            f"from analytics.{mart} where sale_month = '2011-12-01'"
        )
        assert rows == incomplete > 0, mart
        assert not any(compared), mart


def test_every_line_is_kept(engine: str, online_retail: Build) -> None:
    """Every line and invoice is a fact; cancellations and corrections are no sales."""
    warehouse = online_retail(engine)
    assert warehouse.value("select count(*) from analytics.fct_order_items") == 541_909
    assert warehouse.value("select count(*) from analytics.fct_orders") == 25_900
    assert warehouse.value("select count(*) from quality.rejected_rows") == 0
    assert warehouse.query(
        "select status, count(*) from analytics.fct_orders "
        "where order_id like 'C%' or order_id like 'A%' group by 1 order by 1"
    ) == [("adjustment", 3), ("cancelled", 3_836)]
    assert (
        warehouse.value(
            "select count(*) from analytics.fct_orders "
            "where is_sale and status in ('adjustment', 'cancelled')"
        )
        == 0
    )


def test_non_product_codes_are_named(engine: str, online_retail: Build) -> None:
    """Postage, fees and corrections are products of a category of their own, with a reason."""
    products = dict(
        online_retail(engine).query(
            "select product_id, description from analytics.dim_products "
            "where category = 'Non-product'"
        )
    )
    assert {"POST", "M", "BANK CHARGES", "B"} <= products.keys()
    assert all(products.values())


def test_last_month_is_incomplete(engine: str, online_retail: Build) -> None:
    """December 2011 ends on the 9th: it is marked and has no growth."""
    assert online_retail(engine).query(
        "select sale_month, is_complete, revenue_mom_growth from analytics.monthly_sales "
        "order by sale_month desc limit 1"
    ) == [(date(2011, 12, 1), False, None)]


def test_unknown_costs_and_payments_stay_unknown(engine: str, online_retail: Build) -> None:
    """A shop that tells no costs has no margin rather than one of 100 %, and no payments, not 0."""
    assert online_retail(engine).query(
        "select count(*), count(cost_of_goods_sold), count(gross_margin), count(amount_paid) "
        "from analytics.fct_orders"
    ) == [(25_900, 0, 0, 0)]


def test_cohorts(engine: str, online_retail: Build) -> None:
    """Cohorts and who of them came back are the published figures; the future is unknown, not 0."""
    cells = {
        (cohort, int(number)): (customers, active)
        for cohort, number, customers, active in online_retail(engine).query(
            "select cohort_period, period_number, cohort_customers, active_customers "
            "from analytics.customer_cohorts"
        )
    }
    assert len(cells) == 13 * 13
    assert cells[(date(2010, 12, 1), 0)] == (885, 885)
    assert cells[(date(2010, 12, 1), 1)] == (885, 324)
    assert cells[(date(2010, 12, 1), 11)] == (885, 445)
    assert cells[(date(2011, 1, 1), 1)] == (417, 92)
    assert cells[(date(2011, 2, 1), 1)] == (380, 71)
    assert cells[(date(2011, 1, 1), 12)] == (417, None)
    assert sum(active is None for _, active in cells.values()) == 13 * 12 / 2


def test_cohort_averages_leave_out_the_last_month(engine: str, online_retail: Build) -> None:
    """The nine days of December 2011 weigh in no average: month 11 is the first cohort's alone."""
    assert online_retail(engine).query(
        "select cohorts, cohort_customers, active_customers "
        "from analytics.customer_cohort_averages where period_number >= 11"
    ) == [(1, 885, 445)]


def test_every_customer_has_a_segment(engine: str, online_retail: Build) -> None:
    """All 4,338 customers are in one of the eleven segments; 34 only ever cancelled."""
    warehouse = online_retail(engine)
    assert warehouse.query(
        "select count(*), count(distinct segment), sum(monetary) from analytics.customer_rfm"
    ) == [(CUSTOMERS, 11, GROSS_SALES)]
    assert (
        warehouse.value(
            "select count(*) from analytics.customer_metrics where customer_tier = 'Prospect'"
        )
        == 34
    )


def test_growth_has_no_rates_for_the_last_month(engine: str, online_retail: Build) -> None:
    """The nine days of December 2011 have movements but no rates."""
    assert online_retail(engine).query(
        "select is_complete, churn_rate, customer_quick_ratio, revenue_quick_ratio "
        "from analytics.growth_accounting where growth_month = date '2011-12-01'"
    ) == [(False, None, None, None)]
