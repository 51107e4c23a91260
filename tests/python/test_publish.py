"""Publishing marts: what is refused, what is kept, and that readers never see half of it.

The builds here are made by hand, a few small marts that all carry the number of their build, so
that a mixture would show; test_build_command.py publishes real ones.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import pytest
from warehouse import PROJECT, Warehouse

sys.path.insert(0, str(PROJECT / "scripts"))
import publish as scripts

SCRIPT = [sys.executable, str(PROJECT / "scripts" / "publish.py")]
TABLES = ["analytics.daily_sales", "analytics.monthly_sales", "quality.rejected_rows"]
ROWS = 20_000
NewWarehouse = Callable[[str], Warehouse]


@pytest.fixture
def shop(new_warehouse: NewWarehouse, request: pytest.FixtureRequest) -> Warehouse:
    """An empty warehouse on the engine a test names, DuckDB where it names none."""
    return new_warehouse(getattr(request, "param", "duckdb"))


on_postgres = pytest.mark.parametrize("shop", ["postgres"], indirect=True)
on_both = pytest.mark.parametrize("shop", ["duckdb", "postgres"], indirect=True)


# --- builds made by hand -------------------------------------------------------------------------


def build(
    shop: Warehouse,
    number: int,
    tables: list[str] = TABLES,
    columns: str = "build, n, label",
    rows: int = 10,
) -> str:
    """What a `dbt build` that passed leaves behind; its invocation id."""
    invocation_id = f"{number:08}-build"
    prefix = "build_" if shop.postgres else ""
    statements = [
        f"create schema if not exists {prefix}{schema}"
        for schema in ("raw", "intermediate", "analytics", "quality")
    ]
    statements += [
        f"drop table if exists {prefix}raw.last_invocation cascade",
        f"create table {prefix}raw.last_invocation as select cast('{invocation_id}' as text) "
        "as invocation_id",
        f"drop table if exists {prefix}intermediate.int_as_of_date cascade",
        f"create table {prefix}intermediate.int_as_of_date as "
        "select cast('2026-01-31' as date) as as_of_date",
    ]
    for table in tables:
        statements += [
            f"drop table if exists {prefix}{table} cascade",
            f"create table {prefix}{table} as select {columns} from (select {number} as build, n, "
            f"cast('row ' || n as text) as label from generate_series(1, {rows}) as s(n)) as rows",
            f"comment on table {prefix}{table} is 'One row per row.'",
            f"comment on column {prefix}{table}.build is 'It''s the build.'",
        ]
    if shop.postgres:
        with closing(shop.connect()) as connection, connection, connection.cursor() as cursor:
            cursor.execute(";\n".join(statements))
    else:
        with duckdb.connect(str(shop.file)) as connection:
            connection.execute(";\n".join(statements))
    results = [
        result(
            f"model.shop.{table.split('.')[1]}",
            "success",
            f'"warehouse"."{prefix}{schema}"."{name}"',
        )
        for table in tables
        for schema, name in [table.split(".")]
    ]
    results += [result("test.shop.keys.a1", "pass"), result("test.shop.warns.b2", "warn")]
    write_results(shop, invocation_id, results)
    return invocation_id


def result(unique_id: str, status: str, relation: str | None = None) -> dict[str, Any]:
    """An entry of run_results.json."""
    return {"unique_id": unique_id, "status": status, "relation_name": relation}


def write_results(
    shop: Warehouse, invocation_id: str, results: list[dict[str, Any]], **arguments: Any
) -> None:
    """Write run_results.json."""
    (shop.folder / "target").mkdir(exist_ok=True)
    run = {
        "metadata": {"invocation_id": invocation_id, "dbt_version": "1.11.16"},
        "args": {"which": "build", "vars": {"source_system": "landed"}} | arguments,
        "results": results,
    }
    (shop.folder / "target" / "run_results.json").write_text(json.dumps(run))


def publish(shop: Warehouse) -> None:
    """Publish in this process."""
    with mock.patch.dict(os.environ, shop.environment):
        scripts.publish(shop.engine)


def published(shop: Warehouse) -> Path:
    """The link to the publication."""
    return shop.folder / "published"


def manifest(shop: Warehouse) -> dict[str, Any]:
    """The manifest of the publication."""
    return json.loads((published(shop) / "manifest.json").read_text())


def expect_refused(shop: Warehouse, *messages: str) -> None:
    """Publish, and expect a refusal that leaves what was there."""
    before = seen(shop)
    with pytest.raises(scripts.PublishError) as refusal:
        publish(shop)
    for message in messages:
        assert message in str(refusal.value)
    assert seen(shop) == before


def seen(shop: Warehouse) -> int | None:
    """The number of the build a reader sees, after a look at everything that is published."""
    if shop.postgres:
        with closing(shop.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("select to_regclass('quality.publication')")
            if cursor.fetchone() == (None,):
                return None
            cursor.execute(
                "select manifest, (select min(build) from analytics.daily_sales), "
                "(select max(build) from analytics.monthly_sales), "
                "(select max(build) from quality.rejected_rows), "
                "(select count(*) from analytics.daily_sales) from quality.publication"
            )
            entry, *builds, rows = cursor.fetchone()
            assert len(set(builds)) == 1 and entry["invocation_id"].startswith(f"{builds[0]:08}")
            assert entry["marts"]["analytics.daily_sales"]["rows"] == rows
            return builds[0]
    if not published(shop).exists():
        return None
    folder = published(shop).resolve()
    entry = json.loads((folder / "manifest.json").read_text())
    for name, file in [*entry["files"].items(), *((m["file"], m) for m in entry["marts"].values())]:
        content = (folder / name).read_bytes()
        assert len(content) == file["bytes"]
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
    builds = set()
    with duckdb.connect(str(folder / "marts.duckdb"), read_only=True) as connection:
        for name, mart in entry["marts"].items():
            [row] = connection.execute(
                f"select min(build), max(build), count(*) from {name}"
            ).fetchall()
            assert row[2] == mart["rows"]
            builds |= set(row[:2])
    [number] = builds
    assert entry["invocation_id"].startswith(f"{number:08}")
    return number


# --- what a publication holds --------------------------------------------------------------------


def test_publication_on_duckdb(shop: Warehouse) -> None:
    """The folder holds the marts with descriptions, Parquet files and a manifest that agrees."""
    build(shop, 1)
    publish(shop)
    assert seen(shop) == 1
    entry = manifest(shop)
    assert entry["as_of_date"] == "2026-01-31"
    assert entry["source_system"] == "landed"
    assert entry["tests"] == {"passed": 1, "warned": 1, "failed": 0}
    assert list(entry["marts"]) == TABLES
    mart = entry["marts"]["analytics.daily_sales"]
    assert (mart["rows"], mart["columns"]) == (10, 3)
    parquet = published(shop) / mart["file"]
    with duckdb.connect(str(published(shop) / "marts.duckdb"), read_only=True) as connection:
        assert connection.execute(
            f"select count(*) from (from analytics.daily_sales except all from '{parquet}')"
        ).fetchall() == [(0,)]
        assert connection.execute(
            "select distinct tables.comment, columns.comment from duckdb_tables() as tables "
            "join duckdb_columns() as columns using (table_oid) where column_name = 'build'"
        ).fetchall() == [("One row per row.", "It's the build.")]
        # DuckDB 1.0 can read it
        assert connection.execute(
            "select tags['storage_version'] from duckdb_databases() where path is not null"
        ).fetchall() == [("v1.0.0+",)]


def test_publication_on_postgres(new_warehouse: NewWarehouse) -> None:
    """The marts have moved into the public schemas, described, with the manifest."""
    shop = new_warehouse("postgres")
    build(shop, 1)
    publish(shop)
    assert seen(shop) == 1
    assert shop.relations("analytics", "quality") == sorted([*TABLES, "quality.publication"])
    assert shop.relations("build_analytics", "build_quality") == []
    assert shop.query(
        "select obj_description('analytics.daily_sales'::regclass), "
        "col_description('analytics.daily_sales'::regclass, 1)"
    ) == [("One row per row.", "It's the build.")]
    assert shop.value("select manifest from quality.publication") == manifest(shop)
    assert manifest(shop)["marts"]["analytics.daily_sales"] == {"rows": 10, "columns": 3}
    assert str(shop.value("select as_of_date from quality.publication")) == "2026-01-31"


@on_both
def test_next_publication(shop: Warehouse) -> None:
    """The next one takes over; marts come and go with it; once more changes nothing."""
    build(shop, 1, [*TABLES, "analytics.old_mart"])
    publish(shop)
    first = published(shop).resolve()
    build(shop, 2, [*TABLES, "analytics.new_mart"])
    assert seen(shop) == 1
    publish(shop)
    assert seen(shop) == 2
    assert "analytics.new_mart" in manifest(shop)["marts"]
    assert "analytics.old_mart" not in manifest(shop)["marts"]
    if shop.postgres:
        assert "analytics.old_mart" not in shop.relations("analytics")
    assert first.is_dir(), "readers may still be at the one before"
    publish(shop)
    assert seen(shop) == 2
    build(shop, 3)
    publish(shop)
    assert not first.exists()


def test_same_marts_give_same_files(new_warehouse: NewWarehouse) -> None:
    """Rows in another order give Parquet files with the same checksum."""
    checksums = []
    for direction in ("asc", "desc"):
        shop = new_warehouse("duckdb")
        build(shop, 1, rows=ROWS)
        with duckdb.connect(str(shop.file)) as connection:
            connection.execute(
                "create or replace table analytics.daily_sales as "
                f"from analytics.daily_sales order by n {direction}"
            )
        publish(shop)
        checksums.append([mart["sha256"] for mart in manifest(shop)["marts"].values()])
    assert checksums[0] == checksums[1]


# --- what is refused -----------------------------------------------------------------------------


@on_both
def test_refusals(shop: Warehouse) -> None:
    """Only a build of all, in which all passed, and that nothing touched since, is published."""
    expect_refused(shop, "run `dbt build` first")
    build(shop, 1)
    publish(shop)

    invocation_id = build(shop, 2)
    results = json.loads((shop.folder / "target" / "run_results.json").read_text())["results"]
    for status in ("fail", "error", "skipped"):
        failed = result("test.shop.revenue_ties.c3", status)
        write_results(shop, invocation_id, [*results, failed])
        expect_refused(shop, "revenue_ties did not pass in the last build")
    for arguments in (
        {"which": "run"},
        {"select": ["fct_orders+"]},
        {"exclude": ["tag:slow"]},
        {"empty": True},
        {"resource_types": ["model"]},
        {"exclude_resource_types": ["test"]},
    ):
        write_results(shop, invocation_id, results, **arguments)
        expect_refused(shop, "only a `dbt build` of the whole project is published")
    # dbt killed at work has left its mark in the warehouse and the old results
    write_results(shop, "00000001-build", results)
    expect_refused(shop, "touched since the build", "build again")
    write_results(shop, invocation_id, results, exclude_resource_types=["unit_test"])
    publish(shop)


def test_foreign_folder_is_left_alone(shop: Warehouse) -> None:
    """A folder or link that no publication made is not replaced."""
    build(shop, 1)
    published(shop).mkdir()
    (published(shop) / "thesis.txt").write_text("years of work")
    with pytest.raises(scripts.PublishError, match="is there and is no publication"):
        publish(shop)
    assert (published(shop) / "thesis.txt").read_text() == "years of work"


def test_warehouse_in_use(shop: Warehouse) -> None:
    """A build at work keeps the warehouse to itself."""
    build(shop, 1)
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb, sys; held = duckdb.connect(sys.argv[1]); "
            "print('open', flush=True); input()",
            str(shop.file),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout and holder.stdout.readline().strip() == "open"
        expect_refused(shop, f"{shop.file} cannot be read")
        holder.communicate("\n")
    assert not published(shop).exists()


# --- crashes -------------------------------------------------------------------------------------


@contextmanager
def reader(shop: Warehouse) -> Iterator[list[int | None]]:
    """Look at the publication again and again; what was seen. Errors surface at the end."""
    builds: list[int | None] = []
    errors: list[BaseException] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            folder = published(shop).resolve()
            try:
                builds.append(seen(shop))
            except BaseException as error:
                # two publications later a folder is gone; a slow reader then begins anew
                if shop.postgres or folder.exists():
                    errors.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield builds
    finally:
        done.set()
        thread.join()
    assert not errors, errors[:3]


@on_both
def test_killed_publications(shop: Warehouse) -> None:
    """Whenever it is killed, readers see the old publication or the new one, whole."""
    build(shop, 1, rows=ROWS)
    publish(shop)
    chance = random.Random(20)
    started = time.monotonic()
    build(shop, 2, rows=ROWS)
    publish(shop)
    longest = time.monotonic() - started
    number, killed = 2, 0
    with reader(shop) as builds:
        while killed < 20:
            before = seen(shop)
            if before == number:
                number += 1
                build(shop, number, rows=ROWS)
            process = subprocess.Popen(
                [*SCRIPT, "--target", shop.engine],
                env=shop.environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            time.sleep(chance.uniform(0.3, 1) * longest)
            process.send_signal(signal.SIGKILL)
            killed += process.wait() == -signal.SIGKILL
            assert seen(shop) in (before, number)
    assert None not in builds
    assert len(builds) > 20
    build(shop, number + 1, rows=ROWS)
    publish(shop)
    assert seen(shop) == number + 1
    if not shop.postgres:
        folders = [path for path in (shop.folder / "published.versions").iterdir() if path.is_dir()]
        assert len(folders) == 2, "what killed publications left is gone"


# --- what people made of public marts on PostgreSQL ----------------------------------------------


def people(shop: Warehouse, sql: str) -> None:
    """Run what a user of the database runs."""
    with closing(shop.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def analysts(new_warehouse: NewWarehouse) -> Iterator[Warehouse]:
    """A published shop on PostgreSQL with two roles, who may read the marts and make views."""
    shop = new_warehouse("postgres")
    build(shop, 1)
    publish(shop)
    roles = [f"{name}_{shop.folder.name}" for name in ("ada", "bob")]
    people(
        shop,
        f"create role {roles[0]}; create role {roles[1]}; create schema reports; "
        f"grant usage, create on schema reports to {roles[0]}, {roles[1]}; "
        f"grant usage on schema analytics, quality to {roles[0]}, {roles[1]}; "
        f"grant select on analytics.daily_sales to {roles[0]} with grant option; "
        f"grant select (n, label) on analytics.monthly_sales to {roles[1]}; "
        f"alter default privileges in schema analytics grant select on tables to {roles[1]}; ",
    )
    yield shop
    people(shop, "; ".join(f"drop owned by {role} cascade; drop role {role}" for role in roles))
