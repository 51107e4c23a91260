"""Fixtures: builds of the sample shop and of real data, each made once and shared by the tests."""

from __future__ import annotations

import fcntl
import functools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from unittest import mock

import duckdb
import pytest
from browser import NO_CHROMIUM
from postgres_server import drop_database, new_database, running_postgres
from publish import publish
from warehouse import NO_UNIT_TESTS, PROJECT, Run, Warehouse, load_file, run_folder, run_script

REPORT: list[str] = []
Build = Callable[[str], Warehouse]


def pytest_configure() -> None:
    """Make the folder that the processes of this run share; a worker finds it made."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ["TEST_RUN_FOLDER"] = tempfile.mkdtemp(prefix="tests_")


def pytest_unconfigure() -> None:
    """Drop what the run shared, once every process has ended."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    if "PGHOST" in os.environ:  # otherwise the server has ended with the processes
        for file in run_folder().glob("*.database"):
            drop_database(file.read_text())
    shutil.rmtree(os.environ.pop("TEST_RUN_FOLDER"), ignore_errors=True)


@pytest.fixture(scope="session")
def new_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    """A function that makes an empty warehouse on an engine; databases are dropped at the end."""
    with ExitStack() as databases:

        def make(engine: str) -> Warehouse:
            folder = tmp_path_factory.mktemp(engine)
            if engine == "duckdb":
                return Warehouse(folder)
            return Warehouse(folder, databases.enter_context(running_postgres()))

        yield make


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Build]]:
    """A function that turns one that builds into one that gives this process a copy of the build.

    The first process that asks builds, the others wait for it.
    """
    with ExitStack() as databases:

        def once(name: str, build: Callable[[Warehouse], None]) -> Build:
            @functools.cache
            def copied(engine: str) -> Warehouse:
                original = run_folder() / f"{name}_{engine}"
                database = original.with_suffix(".database")
                with original.with_suffix(".lock").open("w") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX)
                    if not (original / "is_built").exists():
                        original.mkdir(exist_ok=True)
                        target = new_database() if engine == "postgres" else None
                        build(Warehouse(original, target))
                        if target:
                            database.write_text(target["dbname"])
                        (original / "is_built").touch()
                    folder = tmp_path_factory.mktemp(f"{name}_{engine}") / "copy"
                    shutil.copytree(original, folder, symlinks=True)
                    if engine == "duckdb":
                        return Warehouse(folder)
                    copy = running_postgres(template=database.read_text())
                    return Warehouse(folder, databases.enter_context(copy))

            return copied

        yield once


@pytest.fixture(scope="session")
def sample_shop(built_once: Callable[..., Build]) -> Build:
    """The sample shop as built on an engine; on DuckDB by `make build`'s script, and published."""

    def build(warehouse: Warehouse) -> None:
        if warehouse.postgres:
            run = warehouse.build()
        else:
            script = run_script(warehouse, "build.py")
            assert script.returncode == 0, script.stdout[-6000:] + script.stderr
            (warehouse.folder / "printed.txt").write_text(script.stdout)
            run = Run(0, script.stdout, warehouse.folder / "target")
        report("sample shop", warehouse, run)

    return built_once("sample_shop", build)


@pytest.fixture(scope="session")
def conformance_data() -> Path:
    """The folder with public data sets; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("CONFORMANCE_DATA", PROJECT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no public data in {folder}; CONFORMANCE_DATA names another folder")
    return folder


@pytest.fixture(scope="session")
def online_retail(built_once: Callable[..., Build], conformance_data: Path) -> Build:
    """UCI Online Retail as built on an engine."""
    file = conformance_data / "online_retail" / "online_retail.parquet"
    if not file.is_file():
        pytest.skip(f"{file} is absent")

    def build(warehouse: Warehouse) -> None:
        if warehouse.postgres:
            load_file(warehouse, file, "landed", "online_retail")
        run = warehouse.build(
            *NO_UNIT_TESTS, source_system="online_retail", raw_path=str(file.resolve())
        )
        report("Online Retail", warehouse, run)

    return built_once("online_retail", build)


@pytest.fixture(scope="session")
def cdnow(
    built_once: Callable[..., Build],
    conformance_data: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Build:
    """The CDNOW sample, landed as raw_orders alone, as built on an engine.

    On PostgreSQL it is built as `make build` does, and its marts are published ones.
    """
    file = conformance_data / "cdnow" / "cdnow_sample.csv"
    if not file.is_file():
        pytest.skip(f"{file} is absent")
    landed = tmp_path_factory.mktemp("cdnow")
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            copy (
                select
                    'CD' || lpad(cast(row_number() over () as varchar), 5, '0') as order_id,
                    sample_id as customer_id,
                    date as ordered_at,
                    amount as total_amount
                from read_csv('{file}', all_varchar = true)
            ) to '{landed / "raw_orders.csv"}' (header)
            """
        )

    def build(warehouse: Warehouse) -> None:
        if warehouse.postgres:
            run = build_landed(replace(warehouse, schema_prefix="build_"), landed, *NO_UNIT_TESTS)
            with mock.patch.dict(os.environ, warehouse.environment):
                publish(warehouse.engine)
        else:
            run = build_landed(warehouse, landed, *NO_UNIT_TESTS)
        report("CDNOW", warehouse, run)

    return built_once("cdnow", build)


def build_landed(warehouse: Warehouse, folder: Path, *arguments: str, **variables: object) -> Run:
    """Build from the raw_<entity> files of a folder, loaded into tables first on PostgreSQL."""
    if warehouse.postgres:
        for file in sorted(folder.glob("raw_*")):
            load_file(warehouse, file, "landed", file.stem)
    return warehouse.build(*arguments, source_system="landed", raw_path=str(folder), **variables)


def report(source: str, warehouse: Warehouse, run: Run) -> None:
    """Keep a line for the end of the test run."""
    tables = len(warehouse.relations("analytics", "quality"))
    passed = run.count("pass")
    REPORT.append(f"{source} on {warehouse.engine}: {tables} marts, {passed} dbt tests passed")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where tests run in several processes, hand the lines to the one that reports."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["report"] = REPORT


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Take the lines of a process that has finished."""
    REPORT.extend(line for line in node.workeroutput["report"] if line not in REPORT)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in words what was proven, and what was not."""
    for line in sorted(REPORT):
        terminalreporter.write_line(line)
    skipped = terminalreporter.stats.get("skipped", [])
    if left_out := sum(NO_CHROMIUM in str(test.longrepr) for test in skipped):
        terminalreporter.write_line(f"{left_out} tests of pages left out: {NO_CHROMIUM}")
