"""Publish the marts of the last build, if it passed as a whole.

    python scripts/publish.py [--target duckdb|postgres]

`make build` ends with this; alone it follows a plain `dbt build`. Each target has a publication of
its own. On DuckDB a new folder gets marts.duckdb, one Parquet file per mart and manifest.json; then
the link `published` is turned to it in one step, and readers find the old publication or the new
one, whole. On PostgreSQL one transaction puts the rows of the build's schemas into the public ones
(publish_postgres.py), with the manifest in quality.publication. docs/published_marts.md has the
details.

The warehouse is the one WAREHOUSE or PGHOST … name, the folder the one PUBLISHED names.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import duckdb
import publish_postgres
import yaml
from places import (
    CLOCK,
    MART_SCHEMAS,
    PROJECT,
    Mart,
    PlaceError,
    PublishError,
    build_prefix,
    connect_postgres,
    published,
    readers_read,
    schema_prefix,
    target_path,
    warehouse,
)

# The oldest format of files DuckDB writes, which every DuckDB 1.x reads.
STORAGE_VERSION = "v1.0.0"
GOOD = {"success", "pass", "warn", "no-op"}
CONFIGURATION = yaml.safe_load((PROJECT / "dbt_project.yml").read_text("utf-8"))
NAME = CONFIGURATION["name"]


@dataclass(frozen=True)
class Build:
    """A build that passed, as dbt's run_results.json describes it."""

    invocation_id: str
    ended_at: datetime
    source_system: str
    dbt_version: str
    passed: int
    warned: int
    database: str
    marts: list[Mart]


def main(arguments: list[str] | None = None) -> int:
    """Publish and say where."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", default="duckdb", choices=["duckdb", "postgres"])
    options = parser.parse_args(arguments)
    try:
        manifest = publish(options.target)
    except (PublishError, PlaceError) as error:
        print(f"Not published: {error}", file=sys.stderr)
        return 1
    print(f"Published: {readers_read(options.target)} ({len(manifest['marts'])} marts)")
    return 0


def publish(target: str) -> dict[str, Any]:
    """Publish the marts of the last build and return the manifest.

    Until it is done readers have the publication before.
    """
    build = passed_build(target)
    now = datetime.now(timezone.utc)
    manifest: dict[str, Any] = {
        "project": NAME,
        "published_at": now.isoformat(timespec="milliseconds"),
        "built_at": build.ended_at.isoformat(timespec="milliseconds"),
        "as_of_date": None,
        "source_system": build.source_system,
        "target": target,
        "schema_prefix": schema_prefix(),
        "dbt_version": build.dbt_version,
        "invocation_id": build.invocation_id,
        "tests": {"passed": build.passed, "warned": build.warned, "failed": 0},
    }
    if target == "postgres":
        with closing(connect_postgres()) as connection:
            return publish_postgres.publish(connection, manifest, build.marts)
    check_place(published())
    try:
        with new_version(published(), f"{now:%Y%m%dT%H%M%S%f}_{build.invocation_id[:8]}") as folder:
            manifest |= write_duckdb(build, folder)
            (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
    except (duckdb.Error, OSError) as error:
        raise PublishError(f"{published()} cannot be written: {error}") from error
    return manifest


# --- what may be published -----------------------------------------------------------------------


def passed_build(target: str) -> Build:
    """The last run of dbt, if it was a build of the whole project in which everything passed."""
    file = target_path() / "run_results.json"
    if not file.is_file():
        raise PublishError(f"there is no {file}: run `dbt build` first")
    run = json.loads(file.read_text("utf-8"))
    arguments = run["args"]
    left_out = set(arguments.get("exclude_resource_types") or []) - {"unit_test"}
    partial = [
        option
        for option in ("select", "exclude", "selector", "resource_types", "empty", "sample")
        if arguments.get(option)
    ] + sorted(left_out)
    if arguments.get("target", target) != target:
        raise PublishError(f"the last build was one of target {arguments['target']}: build again")
    if arguments["which"] != "build" or partial:
        command = arguments.get("invocation_command", f"dbt {arguments['which']}")
        raise PublishError(
            f"the last run was `{command}`; only a `dbt build` of the whole project is published"
        )
    failed = [result for result in run["results"] if result["status"] not in GOOD]
    if failed:
        names = ", ".join(result["unique_id"].split(".")[2] for result in failed[:3])
        more = f" and {len(failed) - 3} more" if len(failed) > 3 else ""
        raise PublishError(f"{names}{more} did not pass in the last build")
    statuses = [result["status"] for result in run["results"]]
    # packages may have models of their own, in the same schemas
    relations = [
        result["relation_name"].replace('"', "").split(".")
        for result in run["results"]
        if result["unique_id"].startswith((f"model.{NAME}.", f"seed.{NAME}."))
        and result["relation_name"]
    ]
    return Build(
        invocation_id=run["metadata"]["invocation_id"],
        ended_at=datetime.fromisoformat(run["metadata"]["generated_at"].replace("Z", "+00:00")),
        source_system=(CONFIGURATION["vars"] | arguments["vars"])["source_system"],
        dbt_version=run["metadata"]["dbt_version"],
        passed=statuses.count("pass"),
        warned=statuses.count("warn"),
        database=relations[0][0] if relations else "",
        marts=marts_in(relations, build_prefix(target)),
    )


def marts_in(relations: list[list[str]], prefix: str) -> list[Mart]:
    """The marts among relations, in order."""
    marts = [
        Mart(schema, table)
        for _, built_schema, table in relations
        for schema in MART_SCHEMAS
        if built_schema == prefix + schema
    ]
    if not marts:
        raise PublishError(
            f"the last build wrote no mart into {prefix}{MART_SCHEMAS[0]}: run `make build`, or "
            f"`dbt build` with SCHEMA_PREFIX={prefix}"
        )
    return sorted(marts)


# --- DuckDB --------------------------------------------------------------------------------------


def write_duckdb(build: Build, folder: Path) -> dict[str, Any]:
    """Write marts.duckdb and a Parquet file per mart; what the manifest says of them.

    Rows are ordered by all columns, left to right, so that equal marts give equal files.
    """
    prefix = build_prefix("duckdb")
    built = identifier(build.database)  # views in the warehouse call it so
    new = identifier(f"published {build.database}")
    file = folder / "marts.duckdb"
    with duckdb.connect() as connection:
        run = connection.execute
        try:
            run(f"attach {literal(str(warehouse()))} as {built} (read_only)")
            last = run(f"select invocation_id from {built}.{prefix}raw.last_invocation").fetchall()
        except duckdb.Error as error:
            raise PublishError(f"{warehouse()} cannot be read: {error}") from error
        if last != [(build.invocation_id,)]:
            raise PublishError(
                f"{warehouse()} was touched since the build in {target_path()}: build again"
            )
        [(as_of_date,)] = run(CLOCK.format(f"{built}.{prefix}")).fetchall()
        run(f"attach {literal(str(file))} as {new} (storage_version '{STORAGE_VERSION}')")
        # one transaction and one checkpoint: half the time of one per table
        run("set wal_autocheckpoint = '1 TB'")
        run("begin")
        marts = {}
        for schema in MART_SCHEMAS:
            run(f"create schema {new}.{schema}")
            (folder / schema).mkdir()
        for mart in build.marts:
            source = f"{built}.{prefix}{mart.schema}.{identifier(mart.table)}"
            table = f"{new}.{mart.schema}.{identifier(mart.table)}"
            run(f"create table {table} as from {source} order by all")
            path = f"{mart.schema}/{mart.table}.parquet"
            target = literal(str(folder / path))
            copied = run(f"copy {table} to {target} (format parquet, compression zstd)")
            [(rows,)] = copied.fetchall()
            columns = len(run(f"describe {table}").fetchall())
            marts[mart.name] = {"rows": rows, "columns": columns, "file": path}
        describe(connection, build, prefix, new)
        run("commit")
        run(f"detach {new}")
    for entry in marts.values():
        entry |= size_and_checksum(folder / entry["file"])
    return {
        "as_of_date": as_of_date,
        "duckdb_version": duckdb.__version__,
        "files": {file.name: size_and_checksum(file)},
        "marts": marts,
    }


def describe(connection: duckdb.DuckDBPyConnection, build: Build, prefix: str, new: str) -> None:
    """Carry the descriptions of marts and columns over."""
    comments = connection.execute(
        "select schema_name, table_name, null, comment from duckdb_tables() "
        "where database_name = $1 and comment is not null union all "
        "select schema_name, table_name, column_name, comment from duckdb_columns() "
        "where database_name = $1 and comment is not null",
        [build.database],
    ).fetchall()
    marts = {(prefix + mart.schema, mart.table): mart for mart in build.marts}
    for schema, table, column, comment in comments:
        if mart := marts.get((schema, table)):
            place = f"{new}.{mart.schema}.{identifier(mart.table)}"
            what = f"column {place}.{identifier(column)}" if column else f"table {place}"
            connection.execute(f"comment on {what} is {literal(comment)}")


def identifier(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("'", "''") + "'"


def size_and_checksum(file: Path) -> dict[str, Any]:
    """What the manifest says of a file."""
    content = file.read_bytes()
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


# --- the folder ----------------------------------------------------------------------------------


def versions_of(link: Path) -> Path:
    """Where the folders lie that the link is turned to."""
    return link.with_name(link.name + ".versions")


def check_place(link: Path) -> None:
    """Leave alone what an earlier publication did not make."""
    if not (link.is_symlink() or link.exists()):
        return
    if not link.is_symlink() or link.readlink().parent != Path(versions_of(link).name):
        raise PublishError(
            f"{link} is there and is no publication: move it away, or name another folder with "
            "PUBLISHED=<folder>"
        )


@contextmanager
def new_version(link: Path, name: str) -> Iterator[Path]:
    """A new folder to fill; turns the link to it once it is filled and on the disk.

    The publication before it stays for readers that are still at it. Older ones, and what killed
    publications left behind, are then removed.
    """
    versions = versions_of(link)
    versions.mkdir(parents=True, exist_ok=True)
    with (versions / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one publication at a time; the system frees it
        before = link.readlink().name if link.is_symlink() else None
        folder = versions / name
        folder.mkdir()
        try:
            yield folder
        except BaseException:
            shutil.rmtree(folder)
            raise
        write_through(folder)
        turn = versions / ".link"
        turn.unlink(missing_ok=True)
        turn.symlink_to(Path(versions.name) / name)
        turn.replace(link)
        sync(link.parent)
        for old in versions.iterdir():
            if old.is_dir() and not old.is_symlink() and old.name not in (name, before):
                shutil.rmtree(old)


def write_through(folder: Path) -> None:
    """Make the files read-only and wait until they and their folders are on the disk."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file():
            path.chmod(0o444)
        sync(path)
    sync(folder)
    sync(folder.parent)


def sync(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    sys.exit(main())
