"""Publishing marts: what is refused, what is kept, and that readers never see half of it.

The builds here are made by hand, a few small marts that all carry the number of their build, so
that a mixture would show; test_build_command.py publishes real ones.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import publish as scripts
import publish_postgres
import pytest
from warehouse import PROJECT, Warehouse, checked_manifest, run_script

# Publishes, and kills itself at the nth step: a call of or in the code that publishes. Says how
# many steps there were.
PUBLISH_AND_DIE = """
import os, publish, signal, sys
steps = 0
def step(frame, event, argument):
    global steps
    if event in ("call", "c_call") and "publish" in os.path.basename(frame.f_code.co_filename):
        steps += 1
        if steps == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
sys.setprofile(step)
publish.publish(sys.argv[1])
sys.setprofile(None)
print(steps)
"""
TABLES = ["analytics.daily_sales", "analytics.monthly_sales", "quality.rejected_rows"]
SCHEMAS = ("raw", "intermediate", "analytics", "quality")
COLUMNS = "build, n, label"
PACKAGE = "ecommerce_analytics"
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
    people(database, f"drop schema if exists {schemas} cascade; create schema reports")
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
    columns: str = COLUMNS,
    rows: int = 10,
    packaged: Sequence[str] = (),
) -> str:
    """What a `dbt build` that passed leaves behind; its invocation id.

    Tables that are packaged come from models of a dbt package.
    """
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
            f"model.{'package' if table in packaged else PACKAGE}.{table.split('.')[1]}",
            "success",
            f'"warehouse"."{prefix}{schema}"."{name}"',
        )
        for table in tables
        for schema, name in [table.split(".")]
    ]
    clock = f'"warehouse"."{prefix}intermediate"."int_as_of_date"'
    results += [result(f"model.{PACKAGE}.int_as_of_date", "success", clock)]
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
        "args": {"which": "build", "target": shop.engine, "vars": {"source_system": "landed"}}
        | arguments,
        "results": results,
    }
    (shop.folder / "target" / "run_results.json").write_text(json.dumps(run))


def publish(shop: Warehouse) -> dict[str, Any]:
    """Publish in this process; the manifest."""
    with mock.patch.dict(os.environ, shop.environment):
        return scripts.publish(shop.engine)


def published(shop: Warehouse) -> Path:
    """The link to the publication."""
    return shop.folder / "published"


def manifest(shop: Warehouse) -> dict[str, Any]:
    """The manifest of the publication."""
    if shop.postgres:
        return shop.value("select manifest from quality.publication")
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
        [(note, view)] = shop.query(
            "select to_regclass('quality.publication'), to_regclass('reports.days')"
        )
        if not note:
            return None
        # in one query: between two the next publication may come
        [(entry, rows, *builds)] = shop.query(
            "select manifest, (select count(*) from analytics.daily_sales), "
            "(select min(build) from analytics.daily_sales), "
            "(select max(build) from analytics.monthly_sales), "
            "(select max(build) from quality.rejected_rows)"
            + (", (select max(build) from reports.days)" if view else "")
            + " from quality.publication"
        )
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
    """The marts are in the public schemas, described, with the manifest; the build's stay."""
    shop = postgres_shop
    build(shop, 1)
    assert publish(shop) == manifest(shop)
    assert seen(shop) == 1
    assert shop.relations("analytics", "quality") == TABLES
    assert shop.relations("build_analytics", "build_quality") == [
        f"build_{name}" for name in TABLES
    ]
    assert not published(shop).exists()
    assert shop.query(
        "select obj_description('analytics.daily_sales'::regclass), "
        "col_description('analytics.daily_sales'::regclass, 1)"
    ) == [("One row per row.", "It's the build.")]
    assert manifest(shop)["marts"]["analytics.daily_sales"] == {"rows": 10, "columns": 3}
    assert shop.value("select count(*) from pg_stats where schemaname = 'analytics'") > 0
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
        assert shop.relations("analytics") == [*TABLES[:2], "analytics.new_mart"]
    else:
        assert first.is_dir(), "readers may still be at the one before"
    publish(shop)
    assert seen(shop) == 2
    build(shop, 3)
    publish(shop)
    assert seen(shop) == 3
    assert shop.postgres or not first.exists()


@on_both
def test_models_of_packages_are_not_published(shop: Warehouse) -> None:
    """A dbt package may have models in the same schemas: they are none of this project's marts."""
    tables = [*TABLES, "analytics.audit"]
    build(shop, 1, tables, packaged=["analytics.audit"])
    assert list(publish(shop)["marts"]) == TABLES
    if shop.postgres:
        assert "analytics.audit" not in shop.relations("analytics")
        # nor do they stay where they were published before
        build(shop, 2, tables)
        publish(shop)
        assert "analytics.audit" in shop.relations("analytics")
        build(shop, 3, tables, packaged=["analytics.audit"])
        publish(shop)
        assert "analytics.audit" not in shop.relations("analytics")


def test_targets_are_published_apart(postgres_shop: Warehouse) -> None:
    """What one target publishes, and that it does, nobody sees who reads the other."""
    on_postgres = postgres_shop
    on_duckdb = Warehouse(on_postgres.folder)  # the same folders for everything
    build(on_duckdb, 1)
    publish(on_duckdb)
    folder = published(on_duckdb).resolve()
    for number in (2, 3):
        build(on_postgres, number)
        publish(on_postgres)
        assert published(on_duckdb).resolve() == folder
        assert (seen(on_duckdb), seen(on_postgres)) == (1, number)
    build(on_duckdb, 4)
    publish(on_duckdb)
    assert (seen(on_duckdb), seen(on_postgres)) == (4, 3)
    # dbt's folder is about the last build, and that was the other target's
    expect_refused(on_postgres, "the last build was one of target duckdb")


@on_both
def test_nothing_is_read_before_it_is_published(shop: Warehouse) -> None:
    """Metrics, questions and dashboard answer from no marts that were not published."""
    build(shop, 1)
    if shop.postgres:  # as by a plain dbt build
        people(shop, "create schema analytics; create schema quality")
    for script, *arguments in (["metrics.py"], ["ask.py", "sales_ahead"]):
        run = run_script(shop, script, *arguments, "--target", shop.engine)
        assert run.returncode != 0 and not run.stdout
        assert "nothing is published" in run.stderr and "make build" in run.stderr


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
            done.wait(0.02)

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
    """Whenever it is killed, readers see the old publication or the new one, whole.

    On PostgreSQL there are a materialized view, and columns that come and go.
    """

    def build_next() -> int:
        number = (seen(shop) or 0) + 1
        build(shop, number, columns=COLUMNS if number % 2 else f"{COLUMNS}, n as more", rows=ROWS)
        return number

    def killed_at(step: int) -> int:
        run = subprocess.run(
            [sys.executable, "-c", PUBLISH_AND_DIE, shop.engine, str(step)],
            cwd=PROJECT / "scripts",
            env=shop.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        # where a reader was not in the way this time there may be fewer steps
        assert run.returncode in (0, -signal.SIGKILL), run.stderr
        return int(run.stdout or 0)

    build_next()
    publish(shop)
    if shop.postgres:
        people(
            shop,
            "create materialized view reports.days as select build, n from analytics.daily_sales",
        )
    build_next()
    steps = killed_at(0)
    assert seen(shop) == 2
    with reader(shop) as builds:
        for part in range(7):  # before the first step, before the last, and between
            before, number = seen(shop), build_next()
            killed_at(1 + part * (steps - 2) // 6)
            assert seen(shop) in (before, number)
            assert part or seen(shop) == before
    assert None not in builds
    number = build_next()
    publish(shop)
    assert seen(shop) == number
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
        "create role ADA; create role BOB; "
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


# Everything in the schemas of marts and reports that a publication could lose.
WHAT_PEOPLE_MADE = (
    """
    select pg_class.oid, relname, relkind, relacl::text, relowner, reloptions, relrowsecurity,
        relispopulated, obj_description(pg_class.oid, 'pg_class')
    from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where nspname in ('analytics', 'quality', 'reports') and relkind <> 't' order by 2
    """,
    """
    select attrelid::regclass::text, attname, attacl::text, col_description(attrelid, attnum)
    from pg_attribute join pg_class on pg_class.oid = attrelid
    join pg_namespace on pg_namespace.oid = relnamespace
    where nspname in ('analytics', 'quality', 'reports') and attnum > 0 order by 1, 2
    """,
    "select definition from pg_views where schemaname in ('analytics', 'reports') order by 1",
    "select indexdef from pg_indexes where schemaname in ('analytics', 'reports') order by 1",
    "select conname, contype from pg_constraint where conrelid > 0 order by 1",
    "select polname from pg_policy order by 1",
    "select stxname from pg_statistic_ext order by 1",
    "select proname, oid from pg_proc where pronamespace = 'reports'::regnamespace",
)


def test_what_people_made_stays(office: Warehouse) -> None:
    """Views on views, materialized views, privileges, indexes, keys … stay and show new rows."""
    people(
        office,
        """
        create index by_label on analytics.daily_sales (lower(label));
        comment on index analytics.by_label is 'For the search';
        alter table analytics.daily_sales add primary key (n), add check (build < 9);
        create policy own on analytics.monthly_sales to BOB using (n > 0);
        alter table analytics.monthly_sales enable row level security;
        create statistics reports.together on build, n from analytics.daily_sales;
        create table reports.kept (day analytics.daily_sales);
        create function reports.days() returns bigint language sql
            begin atomic select count(*) from analytics.daily_sales; end;
        set role ADA;
        create view reports."Best days" with (security_barrier) as
            select n, build, label || ' 100%' as label from analytics.daily_sales;
        alter view reports."Best days" alter column n set default 1;
        comment on view reports."Best days" is 'Ada''s {days}';
        comment on column reports."Best days".n is 'Which';
        grant select on reports."Best days" to BOB with grant option;
        set role BOB;
        create materialized view reports.empty_days as
            select n, build from reports."Best days" with no data;
        create materialized view reports.days as select n, build from reports."Best days";
        create unique index days_key on reports.days (n) where n > 2;
        comment on index reports.days_key is 'The key';
        create view reports.all_days as
            select days.n, days.build, months.n as month from reports.days
            left join analytics.monthly_sales as months using (n);
        grant select (n) on reports.all_days to public;
        reset role;
        create view analytics.mine as select * from quality.rejected_rows with local check option;
        """,
    )
    before = [office.query(look) for look in WHAT_PEOPLE_MADE]
    publish(office)
    after = [office.query(look) for look in WHAT_PEOPLE_MADE]
    # default privileges of the schema hold for the mart that is new
    [new] = [row for row in after[0] if row[1] == "new_mart"]
    assert f"{BOB}=r/" in new[3]
    after[0].remove(new)
    after[1] = [row for row in after[1] if row[0] != "analytics.new_mart"]
    assert after == before
    for view in ('reports."Best days"', "reports.days", "reports.all_days", "analytics.mine"):
        assert office.value(f"select max(build) from {view}") == 2, view
    assert seen(office) == 2


def test_materialized_views_on_each_other(office: Warehouse) -> None:
    """One that reads another is refreshed after it, whichever was made first."""
    people(
        office,
        """
        create view reports.days_of_today as select 0 as build;
        create materialized view reports.first as select build from reports.days_of_today;
        create materialized view reports.second as
            select max(build) as build from analytics.daily_sales;
        create or replace view reports.days_of_today as select build from reports.second;
        """,
    )
    publish(office)
    assert office.query("select build from reports.first") == [(2,)]


def test_privileges_of_the_build(office: Warehouse) -> None:
    """Whom dbt lets read a mart may read the public one, also where only that has changed."""
    people(
        office,
        "grant select on build_analytics.monthly_sales, build_analytics.new_mart to ADA; "
        "grant select on build_quality.rejected_rows to public",
    )
    publish(office)
    for mart, allowed in (
        ("analytics.monthly_sales", True),
        ("analytics.new_mart", True),
        ("quality.rejected_rows", True),
        ("quality.publication", False),
    ):
        assert office.value(f"select has_table_privilege('{ADA}', '{mart}', 'select')") is allowed
    assert not office.value(f"select has_schema_privilege('{ADA}', 'build_analytics', 'usage')")


def columns_of(shop: Warehouse, mart: str) -> list[tuple[str, str]]:
    """Names and types."""
    return shop.query(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute "
        f"where attrelid = '{mart}'::regclass and attnum > 0 and not attisdropped order by attnum"
    )


def test_columns_change(office: Warehouse) -> None:
    """Columns come, go and change their type under people's views on the others."""
    people(
        office,
        "create view reports.labels as select build, label from analytics.daily_sales; "
        "create materialized view reports.days as select build from reports.labels; "
        "grant select (n) on analytics.daily_sales to BOB",
    )
    before = office.value("select 'reports.labels'::regclass::oid")
    build(office, 2, columns="label, cast(n as numeric(9, 2)) as n, build")
    publish(office)
    assert columns_of(office, "analytics.daily_sales") == [
        ("build", "integer"),
        ("n", "numeric(9,2)"),
        ("label", "text"),
    ]
    build(office, 3, columns="label, n as number, build")
    publish(office)
    assert [name for name, _ in columns_of(office, "analytics.daily_sales")] == [
        "build",
        "label",
        "number",
    ]
    assert office.value("select min(number) from analytics.daily_sales") == 1
    assert office.value("select 'reports.labels'::regclass::oid") == before
    assert office.query("select distinct build from reports.labels") == [(3,)]
    assert seen(office) == 3


def test_column_keeps_privileges_when_its_type_changes(office: Warehouse) -> None:
    """Whoever may read it may read it."""
    build(office, 2, columns="build, cast(n as bigint) as n, label")
    publish(office)
    assert columns_of(office, "analytics.monthly_sales")[1] == ("n", "bigint")
    assert office.value(
        f"select has_column_privilege('{BOB}', 'analytics.monthly_sales', 'n', 'select')"
    )


@pytest.mark.parametrize(
    "columns",
    ["build, n", "build, n, cast(label as varchar(20)) as label"],
    ids=["gone", "retyped"],
)
@pytest.mark.parametrize(
    ("made", "named"),
    [
        (
            "set role ADA; create view reports.v as select label from analytics.daily_sales",
            f"view reports.v of {ADA} needs column label of table analytics.daily_sales",
        ),
        (
            "set role ADA; create materialized view reports.m as "
            "select * from analytics.daily_sales",
            f"materialized view reports.m of {ADA} needs column label",
        ),
        ("create index by_label on analytics.daily_sales (label)", "index analytics.by_label of "),
        (
            "create function reports.f() returns text language sql begin atomic "
            "select max(label) from analytics.daily_sales; end",
            "function reports.f() needs column label",
        ),
        (
            "alter table analytics.daily_sales add constraint c check (label <> '')",
            "constraint c on table analytics.daily_sales of ",
        ),
    ],
    ids=["view", "materialized view", "index", "function", "check"],
)
def test_what_needs_a_column_stops_the_publication(
    office: Warehouse, columns: str, made: str, named: str
) -> None:
    """A column that something of people's needs stays, it is named with its owner."""
    people(office, made)
    build(office, 2, columns=columns)
    expect_refused(office, named, "nothing was changed")


@pytest.mark.parametrize(
    ("made", "named"),
    [
        (
            "create rule nothing as on delete to analytics.daily_sales do instead nothing",
            "rule nothing on table analytics.daily_sales",
        ),
        (
            "create function reports.f() returns trigger language plpgsql as 'begin end'; "
            "create trigger t before delete on analytics.daily_sales "
            "for each row execute function reports.f()",
            "trigger t on table analytics.daily_sales acts on the rows",
        ),
        (
            "alter table analytics.daily_sales add primary key (n); "
            "create table reports.mine (n int references analytics.daily_sales on delete cascade)",
            "constraint mine_n_fkey on table reports.mine of ",
        ),
        (
            "alter table analytics.daily_sales add unique (label, n), add check (build = 1)",
            'new row for relation "daily_sales" violates check constraint',
        ),
        (
            "create view analytics.new_mart as select 1 as n",
            'relation "new_mart" already exists',
        ),
    ],
    ids=["rule", "trigger", "foreign key", "check", "name taken"],
)
def test_what_would_act_stops_the_publication(office: Warehouse, made: str, named: str) -> None:
    """What would keep old rows, change people's tables or refuse new rows is named."""
    people(office, made)
    expect_refused(office, named, "nothing was changed")


def test_mart_that_is_gone(office: Warehouse) -> None:
    """A mart that is built no more stays as long as a view of people's needs it."""
    publish(office)
    people(office, "set role ADA; create view reports.v as select 1 as one from analytics.new_mart")
    build(office, 3)
    expect_refused(office, f"view reports.v of {ADA} needs table analytics.new_mart")
    people(office, "drop view reports.v")
    publish(office)
    assert office.relations("analytics") == TABLES[:2]


def test_marts_that_dbt_wrote_there(office: Warehouse) -> None:
    """Public tables of a plain dbt build take the rows of the next publication."""
    people(
        office,
        "drop schema quality cascade; create schema quality; "
        "create table quality.rejected_rows (label text not null, old int, n int, build int)",
    )
    publish(office)
    assert seen(office) == 2


# --- readers at work while PostgreSQL publishes --------------------------------------------------


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A publication that gives up at once."""
    monkeypatch.setattr(publish_postgres, "PATIENCE_SECONDS", 0)


def test_readers_and_publications_wait_for_nobody(office: Warehouse) -> None:
    """Readers in transactions, of either kind, keep nothing up and see one publication each."""
    with closing(office.connect()) as one, closing(office.connect()) as other:
        other.set_session(isolation_level="REPEATABLE READ")
        committed, repeatable = one.cursor(), other.cursor()
        for cursor in (committed, repeatable):
            cursor.execute("select max(build) from analytics.monthly_sales")
            assert cursor.fetchone() == (1,)
        build(office, 3)
        publish(office)
        for mart in TABLES:
            committed.execute(f"select max(build) from {mart}")
            assert committed.fetchone() == (3,)
            # also a mart it had not read before: not empty, not newer than the others
            repeatable.execute(f"select max(build), count(*) from {mart}")
            assert repeatable.fetchone() == (1, 10)


@pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ"])
def test_reader_in_the_way(
    office: Warehouse, isolation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a relation is needed alone its reader is waited for, named, and never made to fail.

    With a snapshot from before a reader is in the way before it has read anything.
    """
    people(
        office,
        "create materialized view reports.days as select max(build) as build "
        "from analytics.daily_sales",
    )
    waiting, done = threading.Event(), threading.Event()

    def sleep(_: float) -> None:
        waiting.set()
        done.wait()

    with closing(office.connect()) as connection, connection.cursor() as reader:
        connection.set_session(isolation_level=isolation)
        reader.execute(
            "select 1" if isolation == "REPEATABLE READ" else "select build from reports.days"
        )
        with monkeypatch.context() as patch:
            patch.setattr(publish_postgres, "PATIENCE_SECONDS", 0)
            process = f"process {connection.info.backend_pid} of {connection.info.user}"
            expect_refused(office, process, "publish again")
        monkeypatch.setattr(publish_postgres, "sleep", sleep)
        publication = threading.Thread(target=publish, args=[office])
        publication.start()
        waiting.wait()
        reader.execute(
            "select max(build), (select build from reports.days) from analytics.daily_sales"
        )
        assert reader.fetchone() == (1, 1)
        connection.rollback()
        done.set()
        publication.join()
    assert seen(office) == 2


def test_new_types_wait_for_snapshots_from_before(office: Warehouse, impatient: None) -> None:
    """To them the mart would be empty, because PostgreSQL writes its table anew."""
    with closing(office.connect()) as connection, connection.cursor() as reader:
        connection.set_session(isolation_level="REPEATABLE READ")
        reader.execute("select 1")
        build(office, 2, columns="build, cast(n as numeric) as n, label")
        expect_refused(office, f"process {connection.info.backend_pid} of ")
        reader.execute("select count(*) from analytics.daily_sales")
        assert reader.fetchone() == (10,)
        connection.rollback()
        publish(office)
        reader.execute("select count(*) from analytics.daily_sales")
        assert reader.fetchone() == (10,)
    assert seen(office) == 2


def test_snapshot_taken_while_publishing(
    office: Warehouse, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is taken between the locks and the commit is noticed, too."""
    build(office, 2, columns="build, cast(n as numeric) as n, label")
    fill = publish_postgres.Publication.fill
    with closing(office.connect()) as connection, connection.cursor() as reader:
        connection.set_session(isolation_level="REPEATABLE READ")

        def fill_while_somebody_begins(publication: Any, marts: list[Any]) -> dict[Any, Any]:
            if marts:  # all of them change: before the locks none is filled
                reader.execute("select 1")
            return fill(publication, marts)

        with monkeypatch.context() as patch:
            patch.setattr(publish_postgres.Publication, "fill", fill_while_somebody_begins)
            expect_refused(office, f"process {connection.info.backend_pid} of ")
        reader.execute("select count(*) from analytics.daily_sales")
        assert reader.fetchone() == (10,)
