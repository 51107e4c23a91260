"""What differs between engines is written for each of them by name, and Spark takes the rest."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from warehouse import PROJECT, Warehouse

ENGINES = ("duckdb", "postgres", "spark")
SPARK_SQL = Path(__file__).with_name("spark_sql.py")


def sql_files(*folders: str) -> dict[str, str]:
    """The SQL of folders by path."""
    files = [file for folder in folders for file in sorted((PROJECT / folder).rglob("*.sql"))]
    return {str(file.relative_to(PROJECT)): file.read_text("utf-8") for file in files}


def test_dispatched_macros_are_written_for_every_engine() -> None:
    """Every dispatched macro has SQL under each engine's name and none under no name."""
    macros = "\n".join(sql_files("macros").values())
    dispatched = set(re.findall(r"adapter\.dispatch\('(\w+)'\)", macros))
    assert len(dispatched) > 20
    missing = [
        f"{engine}__{name}"
        for name in sorted(dispatched)
        for engine in ENGINES
        if not re.search(rf"{{% macro {engine}__{name}\(", macros)
    ]
    assert missing == []
    unnamed = [
        name
        for name in sorted(dispatched)
        if not re.search(
            rf"{{% macro default__{name}\([^)]*\) -?%}}\s*{{{{ not_written\('{name}'\) }}}}", macros
        )
    ]
    assert unnamed == []


def test_models_do_not_ask_for_the_engine() -> None:
    """Which engine runs is asked by adapter.dispatch alone."""
    files = sql_files("models", "macros", "tests", "analyses")
    assert [name for name, sql in files.items() if "target.type" in sql] == []


def test_engine_without_sql_is_told_so(tmp_path: Path) -> None:
    """An engine a macro is not written for stops with the macro's and its own name."""
    run = Warehouse(tmp_path).dbt("run-operation", "default__not_materialized")
    assert run.exit_code != 0
    assert "The macro not_materialized is not written for duckdb" in run.output


def test_spark_takes_every_statement(tmp_path: Path) -> None:
    """Spark parses each model, analysis and singular test and knows its columns and functions.

    The models of source systems, which only their own builds compile, are not among them.
    """
    require_spark()
    process = subprocess.run(
        [sys.executable, str(SPARK_SQL), str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, (process.stdout + process.stderr)[-6000:]
    findings = json.loads((tmp_path / "findings.json").read_text("utf-8"))
    manifest = json.loads((tmp_path / "target" / "manifest.json").read_text("utf-8"))
    models = {key for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    assert models <= findings.keys()
    refused = {key.split(".")[2]: finding[:600] for key, finding in findings.items() if finding}
    assert refused == {}, "\n\n".join(f"{name}: {why}" for name, why in refused.items())


def require_spark() -> None:
    """Skip where Spark is not installed; fail where REQUIRE_SPARK is set."""
    if sys.version_info < (3, 11):
        pytest.skip("Spark's Python begins at 3.11")
    if find_spec("pyspark") and find_spec("dbt.adapters.spark") and shutil.which("java"):
        return
    message = "Spark is not here: it takes `make .venv/.spark` and a Java 17 or newer"
    if os.environ.get("REQUIRE_SPARK"):
        pytest.fail(message)
    pytest.skip(message)
