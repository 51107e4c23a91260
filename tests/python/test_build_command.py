"""`make build`'s script: its summary, and what it says when it cannot start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from warehouse import PROJECT, Warehouse

SCRIPT = [sys.executable, str(PROJECT / "scripts" / "build.py")]


def run_build(
    folder: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the script with a warehouse and dbt folders of its own."""
    variables = Warehouse(folder).environment | environment
    return subprocess.run(
        [*SCRIPT, *arguments], env=variables, capture_output=True, text=True, check=False
    )


def test_summary(tmp_path: Path) -> None:
    """A build ends with rows per mart, tests, rejected rows, the file and a query that runs."""
    run = run_build(tmp_path)
    assert run.returncode == 0, run.stdout[-3000:]
    lines = run.stdout.split("Rows per mart")[1]
    assert "analytics.fct_orders " in lines
    assert "orders           unreadable ordered_at" in lines
    assert "Tests: " in lines and " passed." in lines
    assert f"Built: {tmp_path / 'warehouse.duckdb'}" in lines
    sql = lines.split("Try:\n")[1].splitlines()[0]
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as connection:
        assert len(connection.execute(sql).fetchall()) == 12


def test_warehouse_in_use(tmp_path: Path) -> None:
    """Another process that has the file open is named, with a way out."""
    file = tmp_path / "warehouse.duckdb"
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb, sys; held = duckdb.connect(sys.argv[1]); "
            "print('open', flush=True); input()",
            str(file),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout and holder.stdout.readline().strip() == "open"
        run = run_build(tmp_path)
    finally:
        holder.communicate("\n")
    assert run.returncode == 2
    assert f"{file} is in use by" in run.stderr
    assert f"(process {holder.pid})" in run.stderr
    assert "WAREHOUSE=<file>" in run.stderr


def test_unwritable_warehouse(tmp_path: Path) -> None:
    """A path that cannot be written is named."""
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "warehouse.duckdb"
    run = run_build(tmp_path, WAREHOUSE=str(path))
    assert run.returncode == 2
    assert f"WAREHOUSE={path}" in run.stderr


def test_file_that_is_no_warehouse(tmp_path: Path) -> None:
    """A file of another kind is not overwritten."""
    path = tmp_path / "orders.csv"
    path.write_text("order_id\n" * 1000)
    run = run_build(tmp_path, WAREHOUSE=str(path))
    assert run.returncode == 2
    assert f"WAREHOUSE={path} cannot be opened for writing" in run.stderr
    assert path.read_text().startswith("order_id")


def test_postgres_refuses(tmp_path: Path) -> None:
    """The server, the user and the variables to set are named."""
    run = run_build(tmp_path, "--target", "postgres", PGHOST="127.0.0.1", PGPORT="9", PGUSER="shop")
    assert run.returncode == 2
    assert "PostgreSQL refused the connection (host=127.0.0.1 port=9 user=shop" in run.stderr
    assert "Set PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE" in run.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--source", "landed"], "source landed reads files: say where they are with RAW=<path>"),
        (
            ["--source", "landed", "--raw", "nowhere"],
            "RAW=nowhere: there is no such file or folder",
        ),
        (["--vars", "[1]"], "VARS must be a mapping"),
        (["--vars", "{a: "], "VARS is not readable as YAML"),
    ],
)
def test_wrong_options(arguments: list[str], message: str, tmp_path: Path) -> None:
    """Wrong options are told before anything is built."""
    run = run_build(tmp_path, *arguments)
    assert run.returncode == 2
    assert message in run.stderr
    assert not (tmp_path / "warehouse.duckdb").exists()
