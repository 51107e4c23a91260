"""Build the warehouse with dbt and say in a few lines what came of it.

    python scripts/build.py [--target duckdb|postgres] [--source seeds|landed|online_retail]
                            [--raw PATH_OR_SCHEMA] [--vars '{as_of_date: 2025-06-30}']

The same as `dbt build --target … --vars …`, with a look beforehand at what dbt would report less
kindly (a warehouse that cannot be written or is in use, a server that refuses the connection, raw
data that is not there) and a summary afterwards: rows per mart, tests passed, rejected rows by
reason.
The DuckDB file is the one WAREHOUSE names; the PostgreSQL server the one PGHOST … name.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
import yaml

PROJECT = Path(__file__).resolve().parents[1]
MART_SCHEMAS = ("analytics", "quality")
QUERY_TO_TRY = (
    "select sales_month, total_orders, total_revenue, revenue_yoy_growth "
    "from {prefix}analytics.monthly_sales order by sales_month desc limit 12"
)


class BuildError(Exception):
    """The build cannot start; the message says why and what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Check, build and report; the exit code is dbt's, or 2 when the build could not start."""
    options = parse(arguments)
    try:
        variables = build_variables(options)
        check_target(options.target)
    except BuildError as error:
        print(f"Cannot build: {error}", file=sys.stderr)
        return 2
    started = time.monotonic()
    exit_code = run_dbt(options.target, variables)
    if exit_code == 0:
        print(summary(options.target, time.monotonic() - started))
    return exit_code


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", default="duckdb", choices=["duckdb", "postgres"])
    parser.add_argument("--source", default="seeds", help="source system, see source_system")
    parser.add_argument("--raw", default="", help="its file or folder; on PostgreSQL its schema")
    parser.add_argument("--vars", default="{}", help="knobs as YAML or JSON, see dbt_project.yml")
    return parser.parse_args(arguments)


def build_variables(options: argparse.Namespace) -> dict[str, Any]:
    """The vars for dbt: the knobs of --vars plus where raw data comes from."""
    try:
        knobs = yaml.safe_load(options.vars) or {}
    except yaml.YAMLError as error:
        raise BuildError(f"VARS is not readable as YAML: {options.vars!r} ({error})") from error
    if not isinstance(knobs, dict):
        raise BuildError(f"VARS must be a mapping such as {{kpi_period_days: 30}}, not {knobs!r}")
    # YAML reads an unquoted 2025-06-30 as a date, which dbt cannot pass on.
    variables = {name: as_plain(value) for name, value in knobs.items()}
    variables["source_system"] = options.source
    if options.target == "duckdb" and options.source != "seeds":
        variables["raw_path"] = check_raw_path(options.source, options.raw)
    elif options.raw:
        variables["raw_schema"] = options.raw
    return variables


def as_plain(value: Any) -> Any:
    """A value of a knob as JSON knows it."""
    if isinstance(value, (str, int, float, bool, list, dict, type(None))):
        return value
    return str(value)


def check_raw_path(source: str, raw: str) -> str:
    """The path of raw data, made absolute; a prefix such as s3:// is left to DuckDB."""
    if not raw:
        raise BuildError(f"source {source} reads files: say where they are with RAW=<path>")
    if "://" in raw:
        return raw
    path = Path(raw).expanduser().resolve()
    if not path.exists():
        raise BuildError(f"RAW={raw}: there is no such file or folder")
    if source == "landed" and not path.is_dir():
        raise BuildError(f"RAW={raw}: source landed expects a folder with raw_<entity> files")
    if source != "landed" and path.is_dir():
        raise BuildError(f"RAW={raw}: source {source} expects a file, and this is a folder")
    if path.is_file() and path.stat().st_size == 0:
        raise BuildError(f"RAW={raw}: the file is empty")
    return str(path)


def check_target(target: str) -> None:
    """Stop with a message that helps when the warehouse cannot be opened for writing."""
    if target == "duckdb":
        check_duckdb(warehouse())
    else:
        with closing(connect_postgres()):
            pass


def warehouse() -> Path:
    """The DuckDB file, relative to the project."""
    return PROJECT / os.environ.get("WAREHOUSE", "warehouse.duckdb")


def check_duckdb(path: Path) -> None:
    """Open the file once for writing."""
    if path.is_file() and path.stat().st_size and not is_duckdb_file(path):
        raise BuildError(f"WAREHOUSE={path} cannot be opened for writing: it is no DuckDB file")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        duckdb.connect(str(path)).close()
    except OSError as error:
        raise BuildError(f"the folder of WAREHOUSE={path} cannot be made: {error}") from error
    except duckdb.Error as error:
        message = str(error)
        holder = re.search(r"Conflicting lock is held in (.+?) \(PID (\d+)\)", message)
        if holder:
            raise BuildError(
                f"{path} is in use by {holder[1]} (process {holder[2]}), and DuckDB lets only one "
                "process write. Close that program, or build into another file with "
                "WAREHOUSE=<file>."
            ) from error
        raise BuildError(
            f"WAREHOUSE={path} cannot be opened for writing. Choose another file with "
            f"WAREHOUSE=<file>. DuckDB says: {message}"
        ) from error


def is_duckdb_file(path: Path) -> bool:
    """Whether the file carries DuckDB's mark; DuckDB itself would query a CSV file in its place."""
    with path.open("rb") as file:
        return file.read(12)[8:] == b"DUCK"


def connect_postgres() -> Any:
    """A connection to the server the PG* variables name, as profiles/profiles.yml reads them."""
    place = {
        "host": os.environ.get("PGHOST", "localhost"),
        "port": os.environ.get("PGPORT", "5432"),
        "user": os.environ.get("PGUSER", "postgres"),
        "dbname": os.environ.get("PGDATABASE", "postgres"),
    }
    try:
        return psycopg2.connect(**place, password=os.environ.get("PGPASSWORD", ""))
    except psycopg2.Error as error:
        wanted = " ".join(f"{name}={value}" for name, value in place.items())
        raise BuildError(
            f"PostgreSQL refused the connection ({wanted}): {str(error).strip()}\n"
            "Set PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE to a server that runs."
        ) from error


def run_dbt(target: str, variables: dict[str, Any]) -> int:
    """Run `dbt build`; its output goes to the terminal."""
    dbt = Path(sys.executable).with_name("dbt")
    command = [str(dbt), "build", "--target", target, "--vars", json.dumps(variables)]
    return subprocess.run(command, cwd=PROJECT, check=False).returncode


def summary(target: str, seconds: float) -> str:
    """What a newcomer wants to know after a build."""
    prefix = os.environ.get("SCHEMA_PREFIX", "")
    schemas = [prefix + schema for schema in MART_SCHEMAS]
    connection = (
        duckdb.connect(str(warehouse()), read_only=True)
        if target == "duckdb"
        else connect_postgres()
    )
    with closing(connection):
        rows = rows_per_mart(connection, schemas)
        rejected = query(
            connection,
            f"select entity, rejection_reason, count(*) from {prefix}quality.rejected_rows "
            "group by 1, 2 order by 1, 3 desc, 2",
        )
    place = warehouse() if target == "duckdb" else connection.dsn
    lines = ["", "Rows per mart"]
    lines += [f"  {name:<40} {count:>12,}" for name, count in rows]
    lines += ["", f"Rejected rows: {sum(row[2] for row in rejected):,}"]
    lines += [f"  {entity:<16} {reason:<38} {count:>8,}" for entity, reason, count in rejected]
    lines += [
        "",
        f"Tests: {tests_passed():,} passed.  dbt took {seconds:.0f} s.",
        f"Built: {place}",
    ]
    lines += ["", "Try:", f"  {QUERY_TO_TRY.format(prefix=prefix)}"]
    if target == "duckdb":
        lines += [f"with: .venv/bin/duckdb -readonly {place}"]
    return "\n".join(lines)


def rows_per_mart(connection: Any, schemas: list[str]) -> list[tuple[str, int]]:
    """Name and number of rows of every table in the schemas, in order."""
    names = query(
        connection,
        "select table_schema || '.' || table_name from information_schema.tables "
        "where table_schema in (" + ", ".join(f"'{schema}'" for schema in schemas) + ") order by 1",
    )
    return [(name, query(connection, f"select count(*) from {name}")[0][0]) for (name,) in names]


def query(connection: Any, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query on either engine."""
    cursor = connection.cursor()
    cursor.execute(sql)
    return cursor.fetchall()


def tests_passed() -> int:
    """How many data and unit tests the last run passed."""
    folder = PROJECT / os.environ.get("DBT_TARGET_PATH", "target")
    results = json.loads((folder / "run_results.json").read_text())["results"]
    return sum(result["status"] == "pass" for result in results)


if __name__ == "__main__":
    sys.exit(main())
