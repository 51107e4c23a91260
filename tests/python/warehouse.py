"""Builds of this project for tests: run dbt, keep what it said, ask the warehouse."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
from postgres_server import PostgresTarget

PROJECT = Path(__file__).resolve().parents[2]
DBT = Path(sys.executable).with_name("dbt")
MART_SCHEMAS = ("analytics", "quality", "dashboard")
ENGINES = ("duckdb", "postgres")

# Unit tests bring their own rows: once per engine, on the sample shop, is enough.
NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
NO_TESTS = (*NO_UNIT_TESTS, "--exclude-resource-type", "test")


def run_folder() -> Path:
    """The folder that the processes of a test run share; conftest makes and removes it."""
    return Path(os.environ["TEST_RUN_FOLDER"])


@dataclass(frozen=True)
class Warehouse:
    """Where a build goes: a DuckDB file or a PostgreSQL database, and dbt's folder for it."""

    folder: Path
    postgres: PostgresTarget | None = None
    schema_prefix: str = ""

    @property
    def engine(self) -> str:
        """The name of the dbt target."""
        return "postgres" if self.postgres else "duckdb"

    @property
    def file(self) -> Path:
        """The DuckDB file."""
        return self.folder / "warehouse.duckdb"

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that make dbt and scripts use this warehouse."""
        variables = {
            **os.environ,
            "DBT_PROFILES_DIR": str(PROJECT / "profiles"),
            "DBT_TARGET_PATH": str(self.folder / "target"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
            "WAREHOUSE": str(self.file),
            "PUBLISHED": str(self.folder / "published"),
            "SCHEMA_PREFIX": self.schema_prefix,
        }
        if self.postgres:
            variables |= {
                "PGHOST": self.postgres["host"],
                "PGPORT": str(self.postgres["port"]),
                "PGUSER": self.postgres["user"],
                "PGPASSWORD": self.postgres["password"],
                "PGDATABASE": self.postgres["dbname"],
            }
        return variables

    def connect(self) -> Any:
        """A new connection; DuckDB's is read-only."""
        if self.postgres:
            return psycopg2.connect(**self.postgres)
        return duckdb.connect(str(self.file), read_only=True)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with closing(self.connect()) as connection:
            cursor = connection.cursor()
            cursor.execute(sql)
            return cursor.fetchall()

    def value(self, sql: str) -> Any:
        """The one value of a query."""
        return self.query(sql)[0][0]

    def dbt(self, *arguments: str, variables: Mapping[str, Any] | None = None) -> Run:
        """Run dbt against this warehouse; a failure is the test's to judge.

        dbt parses the project anew when a variable differs, which takes longer than building a
        small shop. So a landed folder is always read by the same name, a link to it, and what dbt
        parsed is kept for the next call with the same variables.
        """
        variables = dict(variables or {})
        landed, link = Path(variables.get("raw_path", "")), run_folder() / f"landed_{os.getpid()}"
        if landed.is_absolute() and landed.is_dir():
            link.unlink(missing_ok=True)
            link.symlink_to(landed)
            variables["raw_path"] = str(link)
        given = json.dumps(variables, sort_keys=True)
        key = hashlib.sha256(f"{self.engine} {given}".encode()).hexdigest()[:16]
        parsed = run_folder() / f"parsed_{key}.msgpack"
        target = self.folder / "target"
        target.mkdir(parents=True, exist_ok=True)
        if parsed.exists():
            shutil.copy(parsed, target / "partial_parse.msgpack")
        process = subprocess.run(
            [str(DBT), *arguments, "--target", self.engine, "--vars", given],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if not parsed.exists() and (target / "partial_parse.msgpack").exists():
            copy = parsed.with_suffix(f".{os.getpid()}")
            shutil.copy(target / "partial_parse.msgpack", copy)
            copy.rename(parsed)
        output = (process.stdout + process.stderr).replace(str(link), str(landed))
        return Run(process.returncode, output, target)

    def build(self, *arguments: str, **variables: Any) -> Run:
        """Run `dbt build` and expect it to pass."""
        run = self.dbt("build", *arguments, variables=variables)
        assert run.exit_code == 0, run.output[-6000:]
        return run

    def relations(self, *schemas: str) -> list[str]:
        """The tables of the schemas, as schema.table, in order; not the note of a publication."""
        names = ", ".join(f"'{schema}'" for schema in schemas)
        rows = self.query(
            "select table_schema || '.' || table_name from information_schema.tables "
            f"where table_schema in ({names}) and table_type = 'BASE TABLE' "
            "and table_name <> 'publication' order by 1"
        )
        return [name for (name,) in rows]


@dataclass(frozen=True)
class Run:
    """What one call of dbt gave."""

    exit_code: int
    output: str
    target_path: Path

    @property
    def results(self) -> list[dict[str, Any]]:
        """One entry per node, from run_results.json."""
        return json.loads((self.target_path / "run_results.json").read_text())["results"]

    def count(self, status: str) -> int:
        """How many nodes ended with the status."""
        return sum(result["status"] == status for result in self.results)


def run_script(
    warehouse: Warehouse, script: str, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a script of the project against a warehouse; a failure is the test's to judge."""
    return subprocess.run(
        [sys.executable, str(PROJECT / "scripts" / script), *arguments],
        env=warehouse.environment | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def checked_manifest(published: Path) -> dict[str, Any]:
    """The manifest of a publication, once its files and the rows in them are as it says."""
    folder = published.resolve()  # stays at one publication
    manifest = json.loads((folder / "manifest.json").read_text())
    marts = manifest["marts"]
    for name, file in [
        *manifest["files"].items(),
        *((mart["file"], mart) for mart in marts.values()),
    ]:
        content = (folder / name).read_bytes()
        assert len(content) == file["bytes"], name
        assert hashlib.sha256(content).hexdigest() == file["sha256"], name
    with duckdb.connect(str(folder / "marts.duckdb"), read_only=True) as connection:
        for name, mart in marts.items():
            rows = connection.execute(f"select count(*) from {name}").fetchall()
            assert rows == [(mart["rows"],)], name
    return manifest


def load_file(warehouse: Warehouse, file: Path, schema: str, table: str) -> None:
    """Load a Parquet or CSV file into a table of a PostgreSQL schema, every column as text."""
    assert warehouse.postgres, "DuckDB reads files where they are"
    copy = warehouse.folder / f"{table}.load.csv"
    with closing(duckdb.connect()) as reader:
        rows = (
            f"read_csv('{file}', all_varchar = true, max_line_size = 67108864)"
            if file.suffix == ".csv"
            else f"read_parquet('{file}')"
        )
        names = [row[0] for row in reader.execute(f"describe select * from {rows}").fetchall()]
        reader.execute(f"copy (select * from {rows}) to '{copy}' (header, force_quote *)")
    columns = ", ".join(f'"{name}"' for name in names)
    typed = ", ".join(f'"{name}" text' for name in names)
    with (
        closing(psycopg2.connect(**warehouse.postgres)) as connection,
        connection,
        connection.cursor() as cursor,
        copy.open() as lines,
    ):
        cursor.execute(f"create schema if not exists {schema}")
        cursor.execute(f"drop table if exists {schema}.{table}")
        cursor.execute(f"create table {schema}.{table} ({typed})")
        cursor.copy_expert(
            f"copy {schema}.{table} from stdin with (format csv, header, force_null ({columns}))",
            lines,
        )
    copy.unlink()
