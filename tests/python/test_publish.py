"""Publishing marts: what is refused, what is kept, and that readers never see half of it.

The builds here are made by hand, a few small marts that all carry the number of their build, so
that a mixture would show; test_build_command.py publishes real ones.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import publish as scripts
import pytest
from warehouse import PROJECT, Warehouse, checked_manifest

READY_THEN_PUBLISH = [
    sys.executable,
    "-c",
    "import publish, sys; print('ready', flush=True); publish.publish(sys.argv[1])",
]
TABLES = ["analytics.daily_sales", "analytics.monthly_sales", "quality.rejected_rows"]
SCHEMAS = ("raw", "intermediate", "analytics", "quality")
ROWS = 5_000
ADA, BOB = (f"{name}_{os.getpid()}" for name in ("ada", "bob"))  # roles are the server's
NewWarehouse = Callable[[str], Warehouse]


@pytest.fixture(scope="module")
def database(new_warehouse: NewWarehouse) -> Warehouse:
    """One PostgreSQL database for all tests here: making and dropping one takes its time."""
    return new_warehouse("postgres")


@pytest.fixture
def postgres_shop(database: Warehouse, tmp_path: Path) -> Warehouse:
    """An empty warehouse on PostgreSQL."""
    schemas = ", ".join(["analytics", "quality", "reports", *(f"build_{name}" for name in SCHEMAS)])
    people(database, f"drop schema if exists {schemas} cascade")
    return Warehouse(tmp_path, database.postgres)


@pytest.fixture
def shop(tmp_path: Path, request: pytest.FixtureRequest) -> Warehouse:
    """An empty warehouse on the engine a test names, DuckDB where it names none."""
    if getattr(request, "param", "duckdb") == "postgres":
        return request.getfixturevalue("postgres_shop")
    return Warehouse(tmp_path)


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
    statements = [f"create schema if not exists {prefix}{schema}" for schema in SCHEMAS]
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
    clock = f'"warehouse"."{prefix}intermediate"."int_as_of_date"'
    results += [result("model.shop.int_as_of_date", "success", clock)]
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
    metadata = {
        "invocation_id": invocation_id,
        "dbt_version": "1.11.16",
        "generated_at": datetime.now(timezone.utc).isoformat(),
    }
    run = {
        "metadata": metadata,
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
    entry = checked_manifest(folder)
    with duckdb.connect(str(folder / "marts.duckdb"), read_only=True) as connection:
        [builds] = connection.execute(
            " union ".join(f"select min(build), max(build) from {name}" for name in entry["marts"])
        ).fetchall()
    assert builds[0] == builds[1]
    assert entry["invocation_id"].startswith(f"{builds[0]:08}")
    return builds[0]


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


def test_publication_on_postgres(postgres_shop: Warehouse) -> None:
    """The marts have moved into the public schemas, described, with the manifest."""
    shop = postgres_shop
    build(shop, 1)
    publish(shop)
    assert seen(shop) == 1
    assert shop.relations("analytics", "quality") == TABLES
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
            time.sleep(0.02)

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
    kills = 10 if shop.postgres else 20
    build(shop, 1, rows=ROWS)
    publish(shop)
    build(shop, 2, rows=ROWS)
    started = time.monotonic()
    publish(shop)
    limit = time.monotonic() - started
    chance = random.Random(20)
    number, killed, outcomes = 2, 0, set()
    with reader(shop) as builds:
        while killed < kills:
            before = seen(shop)
            if before == number:
                number += 1
                build(shop, number, rows=ROWS)
            with subprocess.Popen(
                [*READY_THEN_PUBLISH, shop.engine],
                cwd=PROJECT / "scripts",
                env=shop.environment,
                stdout=subprocess.PIPE,
                text=True,
            ) as process:
                assert process.stdout and process.stdout.readline() == "ready\n"
                with suppress(subprocess.TimeoutExpired):
                    process.wait(chance.uniform(0, 1.5 * limit))
                process.kill()
            killed += process.returncode == -signal.SIGKILL
            after = seen(shop)
            assert after in (before, number)
            outcomes.add(after == number)
            limit *= 0.8 if after == number else 1.2  # about as many too late as too early
    assert None not in builds
    assert outcomes == {False, True}, (
        "some kills came too early to publish, some too late to matter"
    )
    build(shop, number + 1, rows=ROWS)
    publish(shop)
    assert seen(shop) == number + 1
    if not shop.postgres:
        folders = [path for path in (shop.folder / "published.versions").iterdir() if path.is_dir()]
        assert len(folders) == 2, "what killed publications left is gone"


# --- what people made of public marts on PostgreSQL ----------------------------------------------


def people(shop: Warehouse, sql: str) -> None:
    """Run what users of the database run, ADA and BOB among them."""
    sql = sql.replace("ADA", ADA).replace("BOB", BOB)
    with closing(shop.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def office(postgres_shop: Warehouse) -> Iterator[Warehouse]:
    """A published shop on PostgreSQL, its next build, and roles ADA and BOB, who may make views."""
    shop = postgres_shop
    build(shop, 1)
    publish(shop)
    people(
        shop,
        "create role ADA; create role BOB; create schema reports; "
        "grant usage on schema analytics, quality to ADA, BOB; "
        "grant usage, create on schema reports to ADA, BOB; "
        "grant select on analytics.daily_sales to ADA with grant option; "
        "grant select (build, n) on analytics.monthly_sales to BOB; "
        "alter default privileges in schema analytics grant select on tables to BOB",
    )
    build(shop, 2, [*TABLES, "analytics.new_mart"])
    try:
        yield shop
    finally:
        for role in ("ADA", "BOB"):
            people(shop, f"drop owned by {role} cascade; drop role {role}")


PRIVILEGES = """
    select relname, null as attname, relacl::text from pg_class where relacl is not null
    and relnamespace in ('analytics'::regnamespace, 'reports'::regnamespace)
    union all
    select relname, attname, attacl::text from pg_attribute join pg_class on attrelid = pg_class.oid
    where attacl is not null
    and relnamespace in ('analytics'::regnamespace, 'reports'::regnamespace)
    order by 1, 2
"""


def test_views_are_made_again(office: Warehouse) -> None:
    """Views, on views and materialized views too, show the new marts and keep what they had."""
    people(
        office,
        """
        set role ADA;
        create view reports."Best days" with (security_barrier) as
            select n, build, label || ' 100%' as label from analytics.daily_sales;
        comment on view reports."Best days" is 'Ada''s {days}';
        comment on column reports."Best days".n is 'Which';
        grant select on reports."Best days" to BOB with grant option;
        set role BOB;
        create materialized view reports.days as
            select n, build from reports."Best days" with no data;
        create materialized view reports.loaded_days as select n, build from reports."Best days";
        create unique index days_key on reports.loaded_days (n) where n > 2;
        comment on index reports.days_key is 'The key';
        create view reports.all_days as
            select days.n, days.build, months.n as month from reports.loaded_days as days
            left join analytics.monthly_sales as months using (n);
        grant select (n) on reports.all_days to public;
        reset role;
        create view analytics.mine as select * from quality.rejected_rows with local check option;
        """,
    )
    looks = [
        "select schemaname, viewname, viewowner, definition from pg_views "
        "where schemaname in ('analytics', 'reports') order by 1, 2",
        "select matviewname, matviewowner, ispopulated, definition from pg_matviews order by 1",
        "select relname, reloptions, obj_description(oid, 'pg_class'), "
        "col_description(oid, 1) from pg_class "
        "where relnamespace = 'reports'::regnamespace order by 1",
        PRIVILEGES,
        "select indexdef from pg_indexes where schemaname = 'reports'",
    ]
    before = [office.query(look) for look in looks]
    publish(office)
    after = [office.query(look) for look in looks]
    # default privileges of the schema hold for the mart that is new
    [new] = [row for row in after[3] if row[0] == "new_mart"]
    assert f"{BOB}=r/" in new[2]
    after[3].remove(new)
    assert after == before
    for view in ('reports."Best days"', "reports.all_days", "analytics.mine"):
        assert office.value(f"select max(build) from {view}") == 2, view
    assert seen(office) == 2


def test_privileges_and_indexes_are_kept(office: Warehouse) -> None:
    """What people granted on marts, and indexes they made, are there on the new marts."""
    people(
        office,
        "create index by_label on analytics.daily_sales (lower(label)); "
        "comment on index analytics.by_label is 'For the search'",
    )
    before = office.query(PRIVILEGES)
    publish(office)
    assert [row for row in office.query(PRIVILEGES) if row[0] != "new_mart"] == before
    assert office.query(
        "select indexdef, obj_description('analytics.by_label'::regclass) "
        "from pg_indexes where schemaname = 'analytics'"
    ) == [
        (
            "CREATE INDEX by_label ON analytics.daily_sales USING btree (lower(label))",
            "For the search",
        )
    ]


def test_view_on_a_column_that_is_gone(office: Warehouse) -> None:
    """A view that cannot be made again is named, and nothing has changed."""
    people(
        office,
        "set role ADA; create view reports.labels as select label from analytics.daily_sales",
    )
    definition = "select pg_get_viewdef('reports.labels'::regclass)"
    before = office.query(definition)
    build(office, 2, columns="build, n")
    expect_refused(
        office,
        f"the view reports.labels of {ADA} cannot be made again on the new marts",
        'column "label" does not exist',
        "Change or drop the view",
    )
    assert office.query(definition) == before
    people(office, "drop view reports.labels")
    publish(office)
    assert seen(office) == 2


@pytest.mark.parametrize(
    ("made", "named"),
    [
        (
            "create function reports.days() returns bigint language sql "
            "begin atomic select count(*) from analytics.daily_sales; end",
            "function reports.days() depends on table analytics.daily_sales",
        ),
        (
            "create table reports.kept (day analytics.daily_sales)",
            "column day of table reports.kept depends on type analytics.daily_sales",
        ),
        (
            "alter table analytics.daily_sales add primary key (n)",
            "constraint daily_sales_pkey on table analytics.daily_sales",
        ),
        (
            "alter table analytics.daily_sales enable row level security; "
            "create policy own on analytics.daily_sales to BOB using (n = 1)",
            "policy own on table analytics.daily_sales",
        ),
        (
            "create rule nothing as on delete to analytics.daily_sales do instead nothing",
            "rule nothing on table analytics.daily_sales",
        ),
        (
            "create view reports.v as select n from analytics.daily_sales; "
            "alter view reports.v alter column n set default 1",
            "default value for column n of view reports.v",
        ),
        ("create view analytics.new_mart as select 1 as n", "analytics.new_mart is no table"),
    ],
    ids=["function", "row type", "key", "policy", "rule", "default", "name taken"],
)
def test_what_cannot_be_kept_stops_the_publication(
    office: Warehouse, made: str, named: str
) -> None:
    """What a drop would take along is named instead, and nothing has changed."""
    people(office, made)
    expect_refused(office, named)


def test_leftover_views_of_builds_are_dropped(office: Warehouse) -> None:
    """A view of the build's own schemas that still reads an old mart goes with it."""
    people(office, "create view build_intermediate.stale as select n from analytics.daily_sales")
    publish(office)
    assert office.value("select to_regclass('build_intermediate.stale')") is None


def test_readers_in_the_way(office: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """A publication waits for a reader, names it when it stays, and never makes it fail."""
    with closing(office.connect()) as reader, reader.cursor() as cursor:
        cursor.execute("select count(*) from analytics.monthly_sales")
        monkeypatch.setattr(scripts.publish_postgres, "PATIENCE_SECONDS", 0.5)
        expect_refused(
            office,
            f"process {reader.info.backend_pid} of {reader.info.user}",
            "publish again",
        )
        monkeypatch.setattr(scripts.publish_postgres, "PATIENCE_SECONDS", 60.0)
        publication = threading.Thread(target=publish, args=[office])
        publication.start()
        time.sleep(1.5)
        # would be the victim of a deadlock if the publication waited on with locks of its own
        cursor.execute("select max(build) from analytics.daily_sales")
        assert cursor.fetchone() == (1,)
        reader.commit()
        publication.join()
        cursor.execute("select max(build) from analytics.daily_sales")
        assert cursor.fetchone() == (2,)


def test_readers_from_before_the_build(office: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction that would see new marts as empty is waited for, then named."""
    with closing(office.connect()) as reader, reader.cursor() as cursor:
        reader.set_session(isolation_level="REPEATABLE READ")
        cursor.execute("select 1")
        build(office, 3)
        monkeypatch.setattr(scripts.publish_postgres, "PATIENCE_SECONDS", 0.5)
        expect_refused(office, f"process {reader.info.backend_pid} of {reader.info.user}")
        reader.rollback()
        time.sleep(0.5)  # the server's clock is read a moment after ours
        cursor.execute("select 1")  # a snapshot from after the build sees it
        publish(office)
        cursor.execute("select max(build) from analytics.daily_sales")
        assert cursor.fetchone() == (3,)
