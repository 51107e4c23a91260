"""Fixtures: builds of the sample shop and of real data, each made once and shared by the tests."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from unittest import mock

import duckdb
import pytest
from postgres_server import running_postgres
from publish import publish
from warehouse import NO_UNIT_TESTS, PROJECT, Run, Warehouse, load_file

REPORT: list[str] = []


@pytest.fixture(scope="session")
def new_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Warehouse]]:
    """A function that makes an empty warehouse on an engine; databases are dropped at the end."""
    with ExitStack() as databases:

        def make(engine: str) -> Warehouse:
            folder = tmp_path_factory.mktemp(engine)
            if engine == "duckdb":
                return Warehouse(folder)
            return Warehouse(folder, databases.enter_context(running_postgres()))

        yield make


@pytest.fixture(scope="session")
def sample_shop(new_warehouse: Callable[[str], Warehouse]) -> Callable[[str], Warehouse]:
    """The sample shop as built on an engine."""

    @functools.cache
    def build(engine: str) -> Warehouse:
        warehouse = new_warehouse(engine)
        report("sample shop", warehouse, warehouse.build())
        return warehouse

    return build


@pytest.fixture(scope="session")
def conformance_data() -> Path:
    """The folder with public data sets; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("CONFORMANCE_DATA", PROJECT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no public data in {folder}; CONFORMANCE_DATA names another folder")
    return folder


@pytest.fixture(scope="session")
def online_retail(
    new_warehouse: Callable[[str], Warehouse], conformance_data: Path
) -> Callable[[str], Warehouse]:
    """UCI Online Retail as built on an engine."""
    file = conformance_data / "online_retail" / "online_retail.parquet"
    if not file.is_file():
        pytest.skip(f"{file} is absent")

    @functools.cache
    def build(engine: str) -> Warehouse:
        warehouse = new_warehouse(engine)
        if engine == "postgres":
            load_file(warehouse, file, "landed", "online_retail")
        run = warehouse.build(
            *NO_UNIT_TESTS, source_system="online_retail", raw_path=str(file.resolve())
        )
        report("Online Retail", warehouse, run)
        return warehouse

    return build


@pytest.fixture(scope="session")
def cdnow(
    new_warehouse: Callable[[str], Warehouse],
    conformance_data: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], Warehouse]:
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

    @functools.cache
    def build(engine: str) -> Warehouse:
        warehouse = new_warehouse(engine)
        if engine == "postgres":
            run = build_landed(replace(warehouse, schema_prefix="build_"), landed, *NO_UNIT_TESTS)
            with mock.patch.dict(os.environ, warehouse.environment):
                publish(engine)
        else:
            run = build_landed(warehouse, landed, *NO_UNIT_TESTS)
        report("CDNOW", warehouse, run)
        return warehouse

    return build


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
    """Say in words what was proven."""
    for line in sorted(REPORT):
        terminalreporter.write_line(line)
