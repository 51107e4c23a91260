"""Bad raw data stops a build with a message that helps, or loses nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import build_landed
from warehouse import ENGINES, NO_TESTS, NO_UNIT_TESTS, Warehouse, load_file

NewWarehouse = Callable[[str], Warehouse]
ORDERS = "order_id,customer_id,ordered_at,status,total_amount\nO1,C1,2024-05-01 10:00:00,paid,10\n"

# What says how raw rows were cleaned.
CLEANED = ("--select", "+rejected_rows", "+row_reconciliation", "+unmapped_values", "+marts.core")


def failing_build(warehouse: Warehouse, folder: Path, **variables: Any) -> str:
    """The output of a landed build that must fail before its first model."""
    if warehouse.postgres:
        for file in sorted(folder.glob("raw_*")):
            load_file(warehouse, file, "landed", file.stem)
    variables = {"source_system": "landed", "raw_path": str(folder), **variables}
    run = warehouse.dbt("build", variables=variables)
    assert run.exit_code != 0, run.output
    assert "OK created" not in run.output
    return " ".join(run.output.split())


@pytest.mark.parametrize("engine", ENGINES)
def test_missing_required_table(engine: str, new_warehouse: NewWarehouse, tmp_path: Path) -> None:
    """The message names the table, the place and the columns that are expected."""
    (tmp_path / "raw_customers.csv").write_text("customer_id\nC1\n")
    warehouse = new_warehouse(engine)
    output = failing_build(warehouse, tmp_path)
    place = str(tmp_path) if engine == "duckdb" else '"landed"."raw_orders"'
    assert "raw_orders: this table is required and was not found in" in output
    assert place in output
    assert "order_id, customer_id, ordered_at, status" in output


def test_every_raw_problem_is_named(new_warehouse: NewWarehouse, tmp_path: Path) -> None:
    """One run tells of all: a file read as one column, a missing column, a file of no bytes."""
    (tmp_path / "raw_orders.csv").write_text("order_id~ordered_at\nO1~2024-05-01\n")
    (tmp_path / "raw_payments.csv").write_text("payment_id,order_id\nP1,O1\n")
    (tmp_path / "raw_refunds.csv").write_text("")
    output = failing_build(new_warehouse("duckdb"), tmp_path)
    assert "raw_orders: the required column order_id is missing" in output
    assert "Found: order_id~ordered_at." in output
    assert "raw_payments: the required column amount is missing" in output
    assert "raw_refunds: the file is empty" in output
    assert str(tmp_path / "raw_refunds.csv") in output


def test_missing_columns_on_postgres(new_warehouse: NewWarehouse, tmp_path: Path) -> None:
    """Of tables in a database the same is told, with what was found."""
    (tmp_path / "raw_orders.csv").write_text("order_id,order_date\nO1,2024-05-01\n")
    (tmp_path / "raw_payments.csv").write_text("payment_id,order_id\nP1,O1\n")
    output = failing_build(new_warehouse("postgres"), tmp_path)
    assert "raw_orders: the required column ordered_at is missing" in output
    assert "Found: order_id, order_date." in output
    assert "raw_payments: the required column amount is missing" in output


def test_other_usual_delimiters(new_warehouse: NewWarehouse, tmp_path: Path) -> None:
    """Semicolons and tabs are recognised."""
    (tmp_path / "raw_orders.csv").write_text(ORDERS.replace(",", ";"))
    (tmp_path / "raw_customers.csv").write_text("customer_id\temail\nC1\ta@example.com\n")
    warehouse = new_warehouse("duckdb")
    build_landed(warehouse, tmp_path, "--select", "+fct_orders", "+dim_customers", *NO_TESTS)
    assert warehouse.query("select order_id, net_revenue from analytics.fct_orders")[0][0] == "O1"
    assert warehouse.value("select email from analytics.dim_customers") == "a@example.com"


def test_malformed_csv_names_the_line(new_warehouse: NewWarehouse, tmp_path: Path) -> None:
    """A line with too many values stops the build with file and line; nothing is skipped."""
    rows = "".join(f"O{n},C1,2024-05-01 10:00:00,paid,10\n" for n in range(2, 30_001))
    (tmp_path / "raw_orders.csv").write_text(
        ORDERS + rows + "O9999,C1,2024-05-01,paid,10,extra,more\n"
    )
    warehouse = new_warehouse("duckdb")
    run = warehouse.dbt("build", variables={"source_system": "landed", "raw_path": str(tmp_path)})
    assert run.exit_code != 0
    assert "raw_orders.csv" in run.output
    assert "CSV Error on Line: 30002" in run.output


def test_unknown_source_system(new_warehouse: NewWarehouse, tmp_path: Path) -> None:
    """The message names the systems there are."""
    (tmp_path / "raw_orders.csv").write_text(ORDERS)
    output = failing_build(new_warehouse("duckdb"), tmp_path, source_system="shopfy")
    assert "source_system must be one of seeds, landed, online_retail" in output


def test_every_wrong_knob_is_named(new_warehouse: NewWarehouse, tmp_path: Path) -> None:
    """One run tells of all of them, each with its range and value."""
    (tmp_path / "raw_orders.csv").write_text(ORDERS)
    output = failing_build(
        new_warehouse("duckdb"),
        tmp_path,
        kpi_period_days=0,
        session_idle_minutes="30",
        abc_shares=[0.96, 0.95],
        as_of_date="2024-02-30",
        sale_statuses="completed",
        anomaly_threshold=1.5,
        customer_status_days=[30, 90],
        rfm_monetary_cut_points=[50, 50, 99.5, 100],
        value_window_days=30,
        cohort_period="year",
    )
    for message in (
        "kpi_period_days must be a whole number from 1 to 3660, not 0",
        'session_idle_minutes must be a whole number from 1 to 1440, not "30"',
        "abc_shares must be a list of 2 ascending numbers from 0 to 1",
        'as_of_date must be a date YYYY-MM-DD, not "2024-02-30"',
        "sale_statuses must be a list of at least one text",
        "anomaly_threshold must be a number from 2 to 20, not 1.5",
        "customer_status_days must be a list of 3 ascending whole numbers from 0 to 3660, not [30",
        "rfm_monetary_cut_points must be a list of 4 ascending numbers from 0 to 1000000000, not [",
        "value_window_days must be a list of ascending whole numbers from 1 to 3660, not 30",
        'cohort_period must be one of week, month, quarter, not "year"',
    ):
        assert message in output


@pytest.fixture(scope="module")
def nasty_shop(
    new_warehouse: NewWarehouse, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Warehouse]:
    """A shop with everything that goes wrong in exports, as built on an engine."""
    folder = tmp_path_factory.mktemp("nasty")
    (folder / "raw_orders.csv").write_text(
        "\ufeff Order_ID ,customer_id,ordered_at,status,shipping_country,total_amount,updated_at\n"
        "O1,C1,2024-05-01T10:00:00Z,Delivered,uk,10.00,2024-05-02\n"
        "O1,C1,2024-05-01 10:00:00,pending,uk,10.00,2024-05-01\n"  # older copy
        "O1,C1,2024-05-01 10:00:00,pending,uk,10.00,2024-05-01\n"  # and again
        " O2 ,C9,2024-05-02 23:30:00-02:00,livrée,Freedonia,12.50,\n"  # customer unknown
        "O3,C1,0001-01-01 00:00:00,paid,,5,\n"
        "O4,C1,9999-12-31 00:00:00,paid,,5,\n"
        "O5,C1,2024-02-30,paid,,5,\n"
        "O6,C1,,paid,,5,\n"
        ",C1,2024-05-03,paid,,5,\n"
        "O7,,2024-05-03,,,twelve,\n"  # a guest; the total is unreadable, the status missing
        "O8,C1,2024-05-04,paid,,7,\n"
        "T1,C1,2024-02-29T23:59:59.1234567Z,paid,,1e2,\n"
        "T2,C1,2023-02-29 00:00:00,paid,,5,\n"  # no leap year
        "T3,C1,01/02/2024,paid,,5,\n"
        "T4,C1,0000-01-01,paid,,5,\n"
        'T5,C1,2024-05-04 10:00,paid,,"1,234.50",\n'
        "T6,C1,2024-05-04,paid,,1.005,2024-05-04\n"
        "T6,C1,someday,returned,,9,2024-05-05\n"  # newer but broken: pushes nobody out
        "T6,C1,2024-05-04,completed,,9,2024-05-04\n",  # same age: the row that sorts first stays
        encoding="utf-8",
    )
    (folder / "raw_order_items.csv").write_text(
        "order_item_id,order_id,product_id,quantity,unit_price,discount_amount\n"
        "L1,O1,P1,2,5.00,0\n"
        "L2,NOWHERE,P1,1,5.00,0\n"
        "L3,O3,P1,1,5.00,0\n"  # its order is rejected
        "L4,O8,P1,0,5.00,0\n"
        "L5,O8,P1,1,-5.00,0\n"
        "L6,O8,P1,1.5,5.00,0\n"
        "L7,O8,P1,1,1e400,0\n"
        "L8,O8,P1,99999999999,5.00,0\n"
        "L9,O8,P2,1,7.00,-1\n"  # product unknown, discount unusable
    )
    (folder / "raw_customers.csv").write_text("customer_id,email\nC1,not an address\n")
    (folder / "raw_products.csv").write_text("product_id,product_name,price,cost\nP1,Tee,-5,2\n")
    (folder / "raw_reviews.csv").write_text(
        'review_id,product_id,rating,review_text\nR1,P1,5,"two\nlines, ""quoted"""\n'
        f"R2,P1,6,{'x' * 1_000_000}\n"
        f",P1,1,{'y' * 1_000_000}\n"
    )
    (folder / "raw_inventory.csv").write_text(
        "product_id,snapshot_date,units_on_hand\n"
        "P1,2024-05-01,4\n"
        "P1,2024-05-04,-3\n"  # sold before it was booked in
    )

    built: dict[str, Warehouse] = {}

    def build(engine: str) -> Warehouse:
        if engine not in built:
            built[engine] = new_warehouse(engine)
            # every mart and test must bear it once; PostgreSQL reads the same rows
            arguments = NO_UNIT_TESTS if engine == "duckdb" else (*CLEANED, *NO_TESTS)
            build_landed(built[engine], folder, *arguments)
        return built[engine]

    return build


@pytest.mark.parametrize("engine", ENGINES)
def test_rejected_rows_say_why(engine: str, nasty_shop: NewWarehouse) -> None:
    """Each broken row is in rejected_rows with its key and reason."""
    rejected = nasty_shop(engine).query(
        "select entity, row_key, rejection_reason from quality.rejected_rows"
    )
    assert sorted(rejected, key=str) == sorted(
        [
            ("orders", "O1", "duplicate order_id"),
            ("orders", "O1", "duplicate order_id"),
            ("orders", "O3", "out of range ordered_at"),
            ("orders", "O4", "out of range ordered_at"),
            ("orders", "O5", "unreadable ordered_at"),
            ("orders", "O6", "missing ordered_at"),
            ("orders", "T2", "unreadable ordered_at"),
            ("orders", "T3", "unreadable ordered_at"),
            ("orders", "T4", "unreadable ordered_at"),
            ("orders", "T6", "unreadable ordered_at"),
            ("orders", "T6", "duplicate order_id"),
            ("orders", None, "missing order_id"),
            ("order_items", "L2", "unknown order_id"),
            ("order_items", "L3", "unknown order_id"),
            ("order_items", "L4", "zero quantity"),
            ("order_items", "L5", "negative unit_price"),
            ("order_items", "L6", "unreadable quantity"),
            ("order_items", "L7", "unreadable unit_price"),
            ("order_items", "L8", "unreadable quantity"),
            ("reviews", None, "missing review_id"),
        ],
        key=str,
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_is_lost(engine: str, nasty_shop: NewWarehouse) -> None:
    """Raw rows are staged or rejected, and a rejected row is kept as it arrived."""
    warehouse = nasty_shop(engine)
    assert warehouse.value("select bool_and(is_reconciled) from quality.row_reconciliation")
    raw_row = warehouse.value(
        "select raw_row from quality.rejected_rows where rejection_reason = 'missing ordered_at'"
    )
    assert json.loads(raw_row)["order_id"] == "O6"
    novel = warehouse.value("select raw_row from quality.rejected_rows where entity = 'reviews'")
    assert json.loads(novel)["review_text"] == "y" * 1_000_000


@pytest.mark.parametrize("engine", ENGINES)
def test_good_rows_are_read_well(engine: str, nasty_shop: NewWarehouse) -> None:
    """The newest copy wins; offsets become UTC; guests and unknown customers are kept."""
    warehouse = nasty_shop(engine)
    assert warehouse.query(
        "select order_id, customer_id, status, country, is_sale, cast(ordered_at as varchar(19)) "
        "from analytics.fct_orders where order_id like 'O%' order by order_id"
    ) == [
        ("O1", "C1", "completed", "United Kingdom", True, "2024-05-01 10:00:00"),
        ("O2", "C9", "livrée", "Freedonia", False, "2024-05-03 01:30:00"),
        ("O7", None, "completed", "Unknown", True, "2024-05-03 00:00:00"),
        ("O8", "C1", "processing", "Unknown", True, "2024-05-04 00:00:00"),
    ]
    assert warehouse.query(
        "select order_id, cast(ordered_at as varchar(26)), total_amount from staging.stg_orders "
        "where order_id like 'T%' order by order_id"
    ) == [
        ("T1", "2024-02-29 23:59:59.123456", Decimal("100.00")),
        ("T5", "2024-05-04 10:00:00", None),
        ("T6", "2024-05-04 00:00:00", Decimal("9.00")),
    ]
    assert warehouse.query(
        "select customer_id, is_inferred, is_email_valid from analytics.dim_customers order by 1"
    ) == [("C1", False, False), ("C9", True, False)]
    assert warehouse.query(
        "select product_id, price, is_inferred from analytics.dim_products order by 1"
    ) == [("P1", None, False), ("P2", None, True)]
    assert warehouse.query(
        "select review_text, rating from staging.stg_reviews order by review_id"
    ) == [
        ('two\nlines, "quoted"', 5),
        ("x" * 1_000_000, None),
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_soft_problems_are_flagged(engine: str, nasty_shop: NewWarehouse) -> None:
    """Optional values that cannot be used are emptied and named; unmapped spellings are listed."""
    warehouse = nasty_shop(engine)
    flagged = [
        warehouse.query(
            f"select {key}, invalid_columns from staging.{model} where {key} = '{value}'"
        )
        for model, key, value in [
            ("stg_orders", "order_id", "O7"),
            ("stg_orders", "order_id", "T5"),
            ("stg_order_items", "order_item_id", "L9"),
            ("stg_products", "product_id", "P1"),
            ("stg_reviews", "review_id", "R2"),
        ]
    ]
    assert flagged == [
        [("O7", "total_amount")],
        [("T5", "total_amount")],
        [("L9", "discount_amount")],
        [("P1", "price")],
        [("R2", "rating")],
    ]
    assert sorted(
        warehouse.query("select entity, column_name, value from quality.unmapped_values")
    ) == [("orders", "shipping_country", "Freedonia"), ("orders", "status", "livrée")]


def test_stock_below_zero(nasty_shop: NewWarehouse) -> None:
    """A count below zero is shown as it came, reckons as none, and all marts agree on it."""
    warehouse = nasty_shop("duckdb")
    assert warehouse.query(
        "select units_on_hand, status, is_out_of_stock, stock_cost, days_of_cover, stock_out_rate, "
        "sell_through_rate, avg_units_on_hand from analytics.inventory_health "
        "where product_id = 'P1'"
    ) == [(-3, "Out of stock", True, 0, 0, Decimal("0.75"), 1, 2)]
    assert warehouse.query(
        "select in_stock_days, sales_velocity from analytics.product_performance "
        "where product_id = 'P1'"
    ) == [(1, 2)]
