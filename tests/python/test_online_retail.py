"""UCI Online Retail gives the figures others published for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from warehouse import ENGINES, Warehouse

# Published for known customers, no cancellations, positive quantity and price; see the data's README.
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

pytestmark = pytest.mark.parametrize("engine", ENGINES)
Build = Callable[[str], Warehouse]


def test_sale_lines_and_customers(engine: str, online_retail: Build) -> None:
    """Lines, customers and gross sales of known customers are the published ones."""
    assert online_retail(engine).query(
        "select count(*), count(distinct customer_id), sum(gross_sales) from analytics.fct_order_items "
        "where is_sale and not is_free and customer_id is not null"
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


def test_every_line_is_kept(engine: str, online_retail: Build) -> None:
    """All 541,909 lines and 25,900 invoices are facts; cancellations and corrections are no sales."""
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
        "select sales_month, is_complete, revenue_mom_growth from analytics.monthly_sales "
        "order by sales_month desc limit 1"
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
