"""Where the project reads and writes: dbt's folder, warehouse, server, marts, publications."""

from __future__ import annotations

import json
import os
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple

import psycopg2

PROJECT = Path(__file__).resolve().parents[1]
sys.path.append(str(PROJECT))  # where the packages beside scripts/ are
MART_SCHEMAS = ("analytics", "quality", "dashboard")
# The date a build is computed for; what stands before its schemas is put in.
CLOCK = "select cast(max(as_of_date) as varchar) from {}intermediate.int_as_of_date"


class PlaceError(Exception):
    """A place cannot be used; the message says why and what to do."""


class PublishError(Exception):
    """The marts are not published; the message says why and what to do."""


class Mart(NamedTuple):
    """A mart: its schema without a prefix, and its table."""

    schema: str
    table: str

    @property
    def name(self) -> str:
        """As the manifest of a publication names it."""
        return f"{self.schema}.{self.table}"


def target_path() -> Path:
    """dbt's folder of artifacts."""
    return PROJECT / os.environ.get("DBT_TARGET_PATH", "target")


def warehouse() -> Path:
    """The DuckDB file, relative to the project."""
    return PROJECT / os.environ.get("WAREHOUSE", "warehouse.duckdb")


def landing() -> Path:
    """The folder that raw files are landed in, beside the DuckDB file."""
    return warehouse().with_name(warehouse().name + ".landed")


def published() -> Path:
    """The folder with DuckDB's published marts, relative to the project; a link to one of them."""
    return PROJECT / os.environ.get("PUBLISHED", "published")


def readers_read(target: str) -> str:
    """Where readers find the published marts of a target."""
    if target == "duckdb":
        return str(published())
    place, prefix = postgres_place(), schema_prefix()
    return (
        f"{place['dbname']} on {place['host']}:{place['port']}, "
        f"schemas {prefix}analytics, {prefix}quality"
    )


def schema_prefix() -> str:
    """What stands before the names of schemas."""
    return os.environ.get("SCHEMA_PREFIX", "")


def build_prefix(target: str) -> str:
    """What stands before the schemas a build writes: on PostgreSQL they are not the public ones."""
    return schema_prefix() + ("build_" if target == "postgres" else "")


def postgres_place() -> dict[str, str]:
    """The server the PG* variables name, as profiles/profiles.yml reads them."""
    return {
        "host": os.environ.get("PGHOST", "localhost"),
        "port": os.environ.get("PGPORT", "5432"),
        "user": os.environ.get("PGUSER", "postgres"),
        "dbname": os.environ.get("PGDATABASE", "postgres"),
    }


def connect_postgres() -> Any:
    """A connection to the server the PG* variables name."""
    place = postgres_place()
    try:
        return psycopg2.connect(**place, password=os.environ.get("PGPASSWORD", ""))
    except psycopg2.Error as error:
        wanted = " ".join(f"{name}={value}" for name, value in place.items())
        raise PlaceError(
            f"PostgreSQL refused the connection ({wanted}): {str(error).strip()}\n"
            "Set PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE to a server that runs."
        ) from error


def query(connection: Any, sql: Any, parameters: Any = None) -> list[tuple[Any, ...]]:
    """The rows of a query on either engine."""
    cursor = connection.cursor()
    cursor.execute(sql, parameters)
    return cursor.fetchall()


def published_in(folder: Path) -> dict[str, Any]:
    """The manifest of the publication in a folder."""
    file = folder / "manifest.json"
    if not file.is_file() or not (folder / "marts.duckdb").is_file():
        raise PlaceError(
            f"nothing is published in {folder}. Run `make build` first, or say TARGET=postgres "
            "where the marts are on a server"
        )
    return json.loads(file.read_text("utf-8"))


def published_on(connection: Any) -> dict[str, Any]:
    """The manifest of the publication in a PostgreSQL database."""
    schema = schema_prefix() + "quality"
    note = "select from pg_tables where schemaname = %s and tablename = 'publication'"
    rows = query(connection, note, [schema])
    if rows:
        manifest = f'select manifest from "{schema}".publication where published_at is not null'
        rows = query(connection, manifest)
    if not rows:
        raise PlaceError(
            f"nothing is published in {readers_read('postgres')}. Run `make build TARGET=postgres` "
            "first"
        )
    return rows[0][0]


def reader_environment(target: str) -> dict[str, str]:
    """Environment variables with which dbt reads what a target has published, if it has.

    dbt's folder is one of its own: that of builds describes other schemas.
    """
    environment = os.environ | {
        "DBT_PROFILES_DIR": str(PROJECT / "profiles"),
        "DBT_TARGET_PATH": str(target_path() / f"read_{target}" / "target"),
        "DBT_TARGET": target,
    }
    if target == "duckdb":
        published_in(published())
        # schemas have no prefix there
        return environment | {
            "DBT_TARGET": "published",
            "PUBLISHED": str(published()),
            "SCHEMA_PREFIX": "",
        }
    # who may read analytics alone sees of a publication only that it is there
    unreadable = psycopg2.errors.InsufficientPrivilege
    with closing(connect_postgres()) as connection, suppress(unreadable):
        published_on(connection)
    return environment
