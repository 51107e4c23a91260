"""What the generator planted in the sample shop, the warehouse finds."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from warehouse import ENGINES, PROJECT, Warehouse

FACTS: dict[str, Any] = json.loads((PROJECT / "seeds" / "raw" / "planted_facts.json").read_text())
Build = Callable[[str], Warehouse]

pytestmark = pytest.mark.parametrize("engine", ENGINES)


def planted(outcome: str) -> dict[tuple[str, str], int]:
    """Planted dirt with an outcome: (entity, kind) and rows."""
    return {
        (dirt["entity"], dirt["kind"]): dirt["rows"]
        for dirt in FACTS["dirt"]
        if dirt["outcome"] == outcome
    }


def test_rejected_dirt(engine: str, sample_shop: Build) -> None:
    """Every planted kind of broken row is rejected with its reason, in exactly its number."""
    rejected = sample_shop(engine).query(
        "select entity, rejection_reason, count(*) from quality.rejected_rows group by 1, 2"
    )
    assert {(entity, reason): rows for entity, reason, rows in rejected} == planted("rejected")


def test_rows_reconcile(engine: str, sample_shop: Build) -> None:
    """Raw, rejected and staged rows of every table are the generator's."""
    rows = sample_shop(engine).query(
        "select entity, raw_rows, rejected_rows, staged_rows from quality.row_reconciliation"
    )
    assert {row[0]: row[1:] for row in rows} == {
        entity: (counts["raw"], counts["rejected"], counts["clean"])
        for entity, counts in FACTS["clean"]["rows"].items()
    }


def test_flagged_dirt(engine: str, sample_shop: Build) -> None:
    """Soft problems are flagged, in exactly their number, and nothing else is."""
    warehouse = sample_shop(engine)
    flagged = {}
    for entity in FACTS["clean"]["rows"]:
        for columns, rows in warehouse.query(
            f"select invalid_columns, count(*) from staging.stg_{entity} "
            "where invalid_columns is not null group by 1"
        ):
            flagged[(entity, f"invalid_columns: {columns}")] = rows
    flagged[("customers", "is_email_valid")] = warehouse.value(
        "select count(*) from staging.stg_customers where not is_email_valid"
    )
    assert flagged == planted("flagged")


def test_inferred_members(engine: str, sample_shop: Build) -> None:
    """Customers and products that only orders name are members of their dimensions."""
    warehouse = sample_shop(engine)
    facts = planted("inferred")
    assert (
        warehouse.value("select count(*) from analytics.dim_customers where is_inferred")
        == facts[("customers", "inferred from orders")]
    )
    assert (
        warehouse.value(
            "select count(*) from analytics.fct_order_items inner join analytics.dim_products "
            "using (product_id) where is_inferred"
        )
        == facts[("order_items", "unknown product_id")]
    )


def test_spellings_are_cleaned(engine: str, sample_shop: Build) -> None:
    """Every planted spelling of a status, method or country is mapped."""
    warehouse = sample_shop(engine)
    assert warehouse.query("select * from quality.unmapped_values") == []
    blanks = warehouse.value(
        "select count(*) from staging.stg_orders where order_id <> trim(order_id) "
        "or status <> lower(trim(status))"
    )
    assert blanks == 0


def test_money_by_status(engine: str, sample_shop: Build) -> None:
    """Orders, lines, gross sales and discounts of each status are the generator's, to the cent."""
    rows = sample_shop(engine).query(
        "select status, count(*), sum(order_lines), sum(gross_sales), sum(discounts) "
        "from analytics.fct_orders where not is_amount_from_total group by status"
    )
    found = {status: (int(lines), gross, discounts) for status, _, lines, gross, discounts in rows}
    assert found == {
        status: (
            facts["order_items"],
            Decimal(str(facts["gross_sales"])).quantize(Decimal("0.01")),
            Decimal(str(facts["discounts"])).quantize(Decimal("0.01")),
        )
        for status, facts in FACTS["clean"]["by_order_status"].items()
    }


def test_sessions(engine: str, sample_shop: Build) -> None:
    """Sessions are the generator's, but for those of which every event was rejected."""
    warehouse = sample_shop(engine)
    rejected = {
        json.loads(row)["session_id"]
        for (row,) in warehouse.query(
            "select raw_row from quality.rejected_rows where entity = 'events'"
        )
    }
    staged = {
        session for (session,) in warehouse.query("select session_id from staging.stg_events")
    }
    lost = len(rejected - staged)
    assert lost < 20
    found = warehouse.query(
        "select count(*), sum(case when is_converted then 1 else 0 end), "
        "sum(case when is_session_inferred then 1 else 0 end) from analytics.fct_sessions"
    )
    counts = FACTS["counts"]
    assert [tuple(map(int, row)) for row in found] == [
        (counts["sessions"] - lost, counts["converting_sessions"], counts["sessions_without_id"])
    ]


def test_customers(engine: str, sample_shop: Build) -> None:
    """Buyers, one-time buyers and guests are the generator's."""
    warehouse = sample_shop(engine)
    orders_per_customer = (
        "select customer_id, max(customer_order_number) as orders from analytics.fct_orders "
        "where is_sale and not is_guest group by customer_id"
    )
    counts = FACTS["counts"]
    assert warehouse.query(
        "select count(*), cast(sum(case when orders = 1 then 1 else 0 end) as integer) "
        f"from ({orders_per_customer}) as buyers"
    ) == [(counts["buyers"], counts["one_time_buyers"])]


def test_planted_seasonality_is_visible(engine: str, sample_shop: Build) -> None:
    """November and December of 2025 sell above the year's monthly average, August below it."""
    sales = {
        month: float(net)
        for month, net in sample_shop(engine).query(
            "select cast(extract(month from sale_month) as integer), net_sales "
            "from analytics.monthly_sales where extract(year from sale_month) = 2025"
        )
    }
    average = sum(sales.values()) / 12
    assert sales[12] > sales[11] > 1.2 * average
    assert sales[8] < average


def test_planted_tiers(engine: str, sample_shop: Build) -> None:
    """Prospects and one-time buyers are exactly the generator's."""
    tiers = dict(
        sample_shop(engine).query(
            "select customer_tier, count(*) from analytics.customer_metrics group by 1"
        )
    )
    counts = FACTS["counts"]
    assert (tiers["Prospect"], tiers["One-time"]) == (
        counts["never_bought"],
        counts["one_time_buyers"],
    )
    assert sum(tiers.values()) == counts["never_bought"] + counts["buyers"]
