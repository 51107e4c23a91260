"""Landed tables and files of which only orders need exist."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import build_landed
from test_engines_agree import COLUMNS_MAY_DIFFER, MAY_DIFFER
from warehouse import ENGINES, NO_TESTS, NO_UNIT_TESTS, PROJECT, Warehouse

pytestmark = pytest.mark.parametrize("engine", ENGINES)
NewWarehouse = Callable[[str], Warehouse]


def test_cdnow_from_orders_alone(engine: str, cdnow: NewWarehouse) -> None:
    """6,919 purchases of 2,357 inferred customers come out, worth their totals."""
    warehouse = cdnow(engine)
    assert warehouse.query(
        "select count(*), count(distinct customer_id), sum(net_revenue), min(order_date), "
        "max(order_date), bool_and(is_amount_from_total), bool_and(is_sale) "
        "from analytics.fct_orders"
    ) == [(6_919, 2_357, Decimal("244091.94"), date(1997, 1, 1), date(1998, 6, 30), True, True)]
    assert warehouse.query(
        "select count(*), bool_and(is_inferred) from analytics.dim_customers"
    ) == [(2_357, True)]
    assert warehouse.value("select count(*) from analytics.monthly_sales") == 18


def test_absent_tables_give_empty_marts(engine: str, cdnow: NewWarehouse) -> None:
    """What was not delivered is empty, not an error."""
    warehouse = cdnow(engine)
    for mart in (
        "dim_products",
        "fct_order_items",
        "fct_payments",
        "fct_refunds",
        "fct_sessions",
        "inventory_health",
        "review_sentiment",
        "review_sentiment_rollups",
        "conversion_funnel",
        "cart_abandonment",
        "support_performance",
        "support_customer_outcomes",
    ):
        assert warehouse.value(f"select count(*) from analytics.{mart}") == 0, mart
    assert warehouse.query("select distinct channel from analytics.channel_performance") == [
        ("unattributed",)
    ]
    assert dict(warehouse.query("select entity, raw_rows from quality.row_reconciliation")) == {
        "customers": 0,
        "products": 0,
        "orders": 6_919,
        "order_items": 0,
        "payments": 0,
        "refunds": 0,
        "events": 0,
        "reviews": 0,
        "support_tickets": 0,
        "inventory": 0,
        "marketing_spend": 0,
    }


def test_header_only_shop_builds_empty_marts(
    engine: str, new_warehouse: NewWarehouse, tmp_path: Path
) -> None:
    """A shop that has not sold yet: every mart is there with its columns and no rows."""
    (tmp_path / "raw_orders.csv").write_text("order_id,customer_id,ordered_at,total_amount\n")
    warehouse = new_warehouse(engine)
    build_landed(warehouse, tmp_path, *(NO_UNIT_TESTS if engine == "duckdb" else NO_TESTS))
    for mart in warehouse.relations("analytics"):
        assert warehouse.value(f"select count(*) from {mart}") == 0, mart


DAY = "2025-03-15"
DATED_BY = {
    "orders": "ordered_at",
    "refunds": "refunded_at",
    "payments": "paid_at",
    "events": "occurred_at",
}


@pytest.fixture(scope="module")
def whole_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample shop as landed files."""
    folder = tmp_path_factory.mktemp("whole")
    for file in (PROJECT / "seeds" / "raw").glob("raw_*.csv"):
        shutil.copy(file, folder)
    return folder


@pytest.fixture(scope="module")
def cut_shop(new_warehouse: NewWarehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The sample shop without the rows after a day, on DuckDB."""
    folder = tmp_path_factory.mktemp("cut")
    with duckdb.connect() as connection:
        for file in sorted((PROJECT / "seeds" / "raw").glob("raw_*.csv")):
            rows = f"select * from read_csv('{file}', all_varchar = true)"
            if date_column := DATED_BY.get(file.stem.removeprefix("raw_")):
                # Only readable dates: a later order that is rejected anyway may stay.
                rows += f" where coalesce(try_cast({date_column} as date) <= '{DAY}', true)"
            connection.execute(f"copy ({rows}) to '{folder / file.name}' (header)")
    warehouse = new_warehouse("duckdb")
    build_landed(warehouse, folder, *NO_TESTS, as_of_date=DAY)
    return warehouse


def test_as_of_date_forgets_what_came_later(
    engine: str, new_warehouse: NewWarehouse, whole_shop: Path, cut_shop: Warehouse
) -> None:
    """On each engine the sample shop as of a past day equals one whose later rows never arrived."""
    warehouse = new_warehouse(engine)
    build_landed(warehouse, whole_shop, *NO_TESTS, as_of_date=DAY)
    assert warehouse.value("select max(order_date) from analytics.fct_orders") <= date(2025, 3, 15)
    for mart in [*cut_shop.relations("analytics"), "quality.revenue_ledger"]:
        if engine == "duckdb" or mart not in {*MAY_DIFFER, *COLUMNS_MAY_DIFFER}:
            assert_same_rows(warehouse, cut_shop, mart)


def assert_same_rows(warehouse: Warehouse, other: Warehouse, mart: str) -> None:
    """The rows of a mart are equal but for the last digits of floats, which parallel sums move."""
    rows, other_rows = in_order(warehouse, mart), in_order(other, mart)
    assert len(rows) == len(other_rows), mart
    for row, other_row in zip(rows, other_rows, strict=True):
        for value, other_value in zip(row, other_row, strict=True):
            if isinstance(value, float) and isinstance(other_value, float):
                assert math.isclose(value, other_value, rel_tol=1e-6, abs_tol=1e-9), (mart, row)
            else:
                assert value == other_value, (mart, row, other_row)


def in_order(warehouse: Warehouse, mart: str) -> list[tuple[Any, ...]]:
    """The rows of a mart, ordered by the values that are no floats, then by rounded floats."""
    return sorted(
        warehouse.query(f"select * from {mart}"),
        key=lambda row: (
            [str(value) for value in row if not isinstance(value, float)],
            [round(value, 3) for value in row if isinstance(value, float)],
        ),
    )
