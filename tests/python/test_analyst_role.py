"""The read-only role on PostgreSQL: it reads the schema analytics, and nothing else."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from conftest import build_landed
from psycopg2.errors import InsufficientPrivilege
from warehouse import NO_TESTS, Warehouse


@pytest.fixture(scope="module")
def warehouse(new_warehouse: Callable[[str], Warehouse]) -> Warehouse:
    """An empty PostgreSQL database."""
    return new_warehouse("postgres")


@pytest.fixture(scope="module")
def analyst(warehouse: Warehouse) -> Iterator[str]:
    """A role that ANALYST_ROLE names, dropped at the end."""
    role = f"analyst_{uuid.uuid4().hex[:12]}"
    execute(warehouse, f"create role {role} nologin")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANALYST_ROLE", role)
        yield role
    execute(warehouse, f"drop owned by {role}", f"drop role {role}")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one order."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "raw_orders.csv").write_text(
        "order_id,customer_id,ordered_at,status,total_amount\nO1,C1,2025-01-01,completed,10.00\n"
    )
    return folder


def execute(warehouse: Warehouse, *statements: str) -> None:
    """Run statements and commit."""
    with closing(psycopg2.connect(**warehouse.postgres)) as connection, connection:
        for statement in statements:
            connection.cursor().execute(statement)


def test_analyst_reads_analytics_and_nothing_else(
    warehouse: Warehouse, analyst: str, shop: Path
) -> None:
    """Selects from a mart work, also after a rebuild; all else is refused."""
    build_landed(warehouse, shop, "--select", "+dim_dates", "+unmapped_values", *NO_TESTS)
    # a mart is a new table after every build
    note = "quality.publication"
    execute(warehouse, f"create table {note} as select now() as published_at, 7 as kept")
    build_landed(warehouse, shop, "--select", "dim_dates", *NO_TESTS)
    # and where dbt writes into schemas that were published they are published no longer
    assert warehouse.query(f"select * from {note}") == [(None, 7)]

    as_analyst = f"set role {analyst}; "
    assert warehouse.value(f"{as_analyst} select count(*) from analytics.dim_dates") == 365
    for refused in (
        "select * from quality.unmapped_values",
        "select * from staging.stg_orders",
        "select * from intermediate.int_as_of_date",
        "select * from reference.ref_countries",
        "select * from landed.raw_orders",
        "insert into analytics.dim_dates (date_day) values ('2030-01-01')",
        "update analytics.dim_dates set date_day = date_day",
        "delete from analytics.dim_dates",
        "truncate analytics.dim_dates",
        "create table analytics.mine (id integer)",
        "create schema mine",
    ):
        with pytest.raises(InsufficientPrivilege):
            execute(warehouse, as_analyst + refused)

    manifest = json.loads((warehouse.folder / "target" / "manifest.json").read_text())
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    granted = {node["name"] for node in models if node["config"]["grants"].get("select")}
    assert granted == {node["name"] for node in models if node["schema"] == "analytics"}


def test_missing_role_stops_the_build(warehouse: Warehouse, analyst: str, shop: Path) -> None:
    """A role that is not there is named before the first model."""
    execute(warehouse, f"alter role {analyst} rename to {analyst}_away")
    variables = {"source_system": "landed", "raw_path": str(shop)}
    run = warehouse.dbt("run", "--select", "int_as_of_date", variables=variables)
    execute(warehouse, f"alter role {analyst}_away rename to {analyst}")
    assert run.exit_code != 0
    assert f"ANALYST_ROLE={analyst}: PostgreSQL has no such role" in run.output
