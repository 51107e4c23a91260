"""Where the project reads and writes: dbt's folder, warehouse, server, publication."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import psycopg2

PROJECT = Path(__file__).resolve().parents[1]
sys.path.append(str(PROJECT))  # where the packages beside scripts/ are


class PlaceError(Exception):
    """A place cannot be used; the message says why and what to do."""


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
    """The folder with the published marts, relative to the project; a link to one publication."""
    return PROJECT / os.environ.get("PUBLISHED", "published")


def schema_prefix() -> str:
    """What stands before the names of schemas."""
    return os.environ.get("SCHEMA_PREFIX", "")


def build_prefix(target: str) -> str:
    """What stands before the schemas a build writes: on PostgreSQL they are not the public ones."""
    return schema_prefix() + ("build_" if target == "postgres" else "")


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
        raise PlaceError(
            f"PostgreSQL refused the connection ({wanted}): {str(error).strip()}\n"
            "Set PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE to a server that runs."
        ) from error


def query(connection: Any, sql: Any, parameters: Any = None) -> list[tuple[Any, ...]]:
    """The rows of a query on either engine."""
    cursor = connection.cursor()
    cursor.execute(sql, parameters)
    return cursor.fetchall()
