"""`make build`'s script: its summary, its publication, what it says when it cannot start."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import duckdb
import pytest
from warehouse import (
    MART_SCHEMAS,
    PROJECT,
    Warehouse,
    checked_manifest,
    run_folder,
    run_script,
)

SCRIPT = [sys.executable, str(PROJECT / "scripts" / "build.py")]


def run_build(
    folder: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the script with a warehouse and dbt folders of its own."""
    return run_script(Warehouse(folder), "build.py", *arguments, **environment)


@pytest.fixture(scope="module")
def built(
    sample_shop: Callable[[str], Warehouse], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """The folder of a build of the sample shop, to do with as one likes, and what it printed."""
    folder = tmp_path_factory.mktemp("built") / "shop"
    shutil.copytree(sample_shop("duckdb").folder, folder, symlinks=True)
    printed = (folder / "printed.txt").read_text()
    return folder, printed.replace(str(run_folder() / "sample_shop_duckdb"), str(folder))


def test_summary(built: tuple[Path, str]) -> None:
    """A build ends with rows per mart, tests, rejected rows, the folder and a query that runs."""
    folder, printed = built
    lines = printed.split("Rows per mart")[1]
    assert "analytics.fct_orders " in lines
    assert "orders           unreadable ordered_at" in lines
    assert "Tests: " in lines and " passed." in lines
    assert f"Published: {folder / 'published'} (as of 2026-01-18)" in lines
    sql = lines.split("Try:\n")[1].splitlines()[0]
    file = folder / "published" / "marts.duckdb"
    assert lines.endswith(f"with: .venv/bin/duckdb -readonly {file}\n")
    with duckdb.connect(str(file), read_only=True) as connection:
        assert len(connection.execute(sql).fetchall()) == 12


def test_publication_is_the_warehouse(built: tuple[Path, str]) -> None:
    """What is published are the marts of the warehouse, all of them, with their descriptions."""
    folder, _ = built
    manifest = checked_manifest(folder / "published")
    warehouse = Warehouse(folder)
    assert sorted(manifest["marts"]) == warehouse.relations(*MART_SCHEMAS)
    assert manifest["tests"]["passed"] > 500
    with warehouse.connect() as connection:
        connection.execute(f"attach '{folder / 'published' / 'marts.duckdb'}' as marts (read_only)")
        for name in manifest["marts"]:
            differing = connection.execute(
                f"select count(*) from ((from {name} except all from marts.{name}) "
                f"union all (from marts.{name} except all from {name}))"
            ).fetchall()
            assert differing == [(0,)], name
        assert connection.execute(
            "select count(*) from duckdb_columns() "
            "where database_name = 'marts' and comment is null"
        ).fetchall() == [(0,)]


def test_build_with_a_failing_test(built: tuple[Path, str], tmp_path: Path) -> None:
    """It leaves the publication as it was, and says so."""
    folder, _ = built
    before = checked_manifest(folder / "published")
    project = tmp_path / "project"
    left_out = shutil.ignore_patterns(
        ".git", ".venv", "target", "logs", "published*", "*.duckdb*", "dbt_packages"
    )
    shutil.copytree(PROJECT, project, ignore=left_out)
    (project / "dbt_packages").symlink_to(PROJECT / "dbt_packages")
    (project / "tests" / "assert_never.sql").write_text("select 1 as found\n")
    run = subprocess.run(
        [sys.executable, str(project / "scripts" / "build.py")],
        env=Warehouse(tmp_path).environment
        | {"PUBLISHED": str(folder / "published"), "DBT_FAIL_FAST": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "assert_never" in run.stdout
    assert "Not published: the build did not pass" in run.stderr
    assert checked_manifest(folder / "published") == before


def test_killed_builds(built: tuple[Path, str]) -> None:
    """Killed at random moments, a build leaves the publication whole; readers do not stop it."""
    folder, _ = built
    before = checked_manifest(folder / "published")
    # once while dbt reads the project, then after so many models and tests have begun
    begun = [0, *random.Random(5).sample(range(1, 100), 3)]
    with duckdb.connect(str(folder / "published" / "marts.duckdb"), read_only=True):
        for kill_after in begun:
            process = subprocess.Popen(
                SCRIPT,
                env=Warehouse(folder).environment,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            assert process.stdout
            lines = (line for line in process.stdout if not kill_after or " START " in line)
            for _ in islice(lines, max(kill_after, 1)):
                assert checked_manifest(folder / "published") == before
            os.killpg(process.pid, signal.SIGKILL)
            process.stdout.close()
            assert process.wait() == -signal.SIGKILL
            assert checked_manifest(folder / "published") == before
    publish = run_script(Warehouse(folder), "publish.py")
    assert publish.returncode == 1
    assert "was touched since the build" in publish.stderr


def test_place_is_taken(tmp_path: Path) -> None:
    """A folder that no publication made is told of before anything is built."""
    (tmp_path / "published").mkdir()
    run = run_build(tmp_path)
    assert run.returncode == 2
    assert f"{tmp_path / 'published'} is there and is no publication" in run.stderr
    assert "PUBLISHED=<folder>" in run.stderr


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
