"""Build the warehouse with dbt, publish its marts and say in a few lines what came of it.

    python scripts/build.py [--target duckdb|postgres] [--source seeds|landed|online_retail]
                            [--raw PATH_OR_SCHEMA] [--vars '{as_of_date: 2025-06-30}']

Source landed reads files first (ingest/): beside the DuckDB file, or into the landing schema of
PostgreSQL. Then the same as `dbt build --target … --vars …`, with a look beforehand at what dbt
would report less kindly (a warehouse that cannot be written or is in use, a server that refuses the
connection, raw data that is not there), publication of the marts once every test has passed
(publish.py), and a summary: rows per mart, tests passed, rejected rows by reason.
The DuckDB file is the one WAREHOUSE names; the PostgreSQL server the one PGHOST … name, where dbt
builds in the schemas <SCHEMA_PREFIX>build_….
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
import yaml
from places import (
    PROJECT,
    PlaceError,
    PublishError,
    build_prefix,
    connect_postgres,
    landing,
    published,
    query,
    readers_read,
    schema_prefix,
    warehouse,
)
from publish import check_place, publish

from ingest import IngestError, Options, check_place_of, land

QUERY_TO_TRY = (
    "select sale_month, orders, net_revenue, revenue_yoy_growth "
    "from {prefix}analytics.monthly_sales order by sale_month desc limit 12"
)


class BuildError(Exception):
    """The build cannot start; the message says why and what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Check, build, publish and report.

    The exit code is dbt's, 2 when the build could not start, 3 when it could not be published.
    """
    options = parse(arguments)
    try:
        variables = build_variables(options)
        check_target(options.target)
        if is_to_land(options):
            variables |= land_files(options, variables)
    except (BuildError, IngestError, PlaceError, PublishError) as error:
        print(f"Cannot build: {error}", file=sys.stderr)
        return 2
    started = time.monotonic()
    exit_code = run_dbt(options.target, variables)
    built = time.monotonic()
    if exit_code != 0:
        print("Not published: the build did not pass.", file=sys.stderr)
        return exit_code
    try:
        manifest = publish(options.target)
    except (PlaceError, PublishError) as error:
        print(f"Not published: {error}", file=sys.stderr)
        return 3
    print(summary(manifest, built - started, time.monotonic() - built))
    return 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", default="duckdb", choices=["duckdb", "postgres"])
    parser.add_argument("--source", default="seeds", help="source system, see source_system")
    parser.add_argument(
        "--raw", default="", help="its file, folder, glob or URL; on PostgreSQL also a schema"
    )
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
    if is_to_land(options):
        check_place_of(options.raw)
    elif options.target == "duckdb" and options.source != "seeds":
        variables["raw_path"] = check_raw_path(options.source, options.raw)
    elif options.raw:
        variables["raw_schema"] = check_schema(options.raw)
    return variables


def as_plain(value: Any) -> Any:
    """A value of a knob as JSON knows it."""
    if isinstance(value, (str, int, float, bool, list, dict, type(None))):
        return value
    return str(value)


def is_to_land(options: argparse.Namespace) -> bool:
    """Whether RAW names files to land: not a schema, not an object store DuckDB reads in place."""
    raw = options.raw
    if options.source != "landed" or not raw:
        return False
    if "://" in raw:
        return raw.startswith(("http://", "https://", "file://")) or options.target == "postgres"
    is_path = any(letter in raw for letter in "/*?") or Path(raw).expanduser().exists()
    return options.target == "duckdb" or is_path


def land_files(options: argparse.Namespace, variables: dict[str, Any]) -> dict[str, str]:
    """Land the files of RAW, say what was read, and name the place for dbt."""
    knobs = yaml.safe_load((PROJECT / "dbt_project.yml").read_text("utf-8"))["vars"] | variables
    given = Options.from_knobs(knobs)
    if options.target == "duckdb":
        print(land(options.raw, landing(), given).summary(), flush=True)
        return {"raw_path": str(landing())}
    schema = check_schema(knobs["raw_schema"])
    with closing(connect_postgres()) as connection:
        print(land(options.raw, landing(), given, connection, schema).summary(), flush=True)
    return {"raw_schema": schema}


def check_schema(schema: str) -> str:
    """The name of a schema that dbt can quote."""
    if re.search("[\"'`]", schema):
        raise BuildError(f"dbt cannot use the schema {schema!r}: rename it without quotes")
    return schema


def check_raw_path(source: str, raw: str) -> str:
    """The path of raw data, made absolute; a prefix such as s3:// is left to DuckDB."""
    if not raw:
        raise BuildError(f"source {source} reads files: say where they are with RAW=<path>")
    if "://" in raw:
        return raw
    path = Path(raw).expanduser().resolve()
    if not path.exists():
        raise BuildError(f"RAW={raw}: there is no such file or folder")
    if path.is_dir():
        raise BuildError(f"RAW={raw}: source {source} expects a file, and this is a folder")
    if path.is_file() and path.stat().st_size == 0:
        raise BuildError(f"RAW={raw}: the file is empty")
    return str(path)


def check_target(target: str) -> None:
    """Stop with a message that helps when warehouse or publication cannot be written."""
    if target == "duckdb":
        check_place(published())
        check_duckdb(warehouse())
    else:
        with closing(connect_postgres()):
            pass


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


def run_dbt(target: str, variables: dict[str, Any]) -> int:
    """Run `dbt build`; its output goes to the terminal."""
    dbt = Path(sys.executable).with_name("dbt")
    command = [str(dbt), "build", "--target", target, "--vars", json.dumps(variables)]
    environment = os.environ | {"SCHEMA_PREFIX": build_prefix(target)}
    return subprocess.run(command, cwd=PROJECT, env=environment, check=False).returncode


def summary(manifest: dict[str, Any], dbt_seconds: float, seconds: float) -> str:
    """What a newcomer wants to know after a build."""
    file = published() / "marts.duckdb"
    if manifest["target"] == "duckdb":
        prefix = ""
        connection = duckdb.connect(str(file), read_only=True)
    else:
        prefix = schema_prefix()
        connection = connect_postgres()
    with closing(connection):
        rejected = query(
            connection,
            f"select entity, rejection_reason, count(*) from {prefix}quality.rejected_rows "
            "group by 1, 2 order by 1, 3 desc, 2",
        )
    tests = manifest["tests"]
    warned = f", {tests['warned']:,} warned" if tests["warned"] else ""
    lines = ["", "Rows per mart"]
    lines += [
        f"  {prefix + name:<40} {mart['rows']:>12,}" for name, mart in manifest["marts"].items()
    ]
    lines += ["", f"Rejected rows: {sum(row[2] for row in rejected):,}"]
    lines += [f"  {entity:<16} {reason:<38} {count:>8,}" for entity, reason, count in rejected]
    lines += [
        "",
        f"Tests: {tests['passed']:,} passed{warned}.  dbt took {dbt_seconds:.0f} s, "
        f"publishing {seconds:.1f} s.",
        f"Published: {readers_read(manifest['target'])} "
        f"(as of {manifest['as_of_date'] or 'no order yet'})",
    ]
    lines += ["", "Try:", f"  {QUERY_TO_TRY.format(prefix=prefix)}"]
    if manifest["target"] == "duckdb":
        lines += [f"with: .venv/bin/duckdb -readonly {shown(file)}"]
    return "\n".join(lines)


def shown(path: Path) -> Path:
    """A path as one would type it here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


if __name__ == "__main__":
    sys.exit(main())
