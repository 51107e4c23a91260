"""Ask for metrics with MetricFlow, off the published marts.

    python scripts/metrics.py [--target duckdb|postgres] [--vars '{churn_days: 60}'] [ARGUMENT …]

Runs `mf ARGUMENT …`, or `mf list metrics`. On DuckDB it reads published/marts.duckdb (PUBLISHED
names another folder), so that a build going on disturbs nobody, or the warehouse where nothing was
published yet. `mf` alone would take its relations from the last dbt command in target/, which on
PostgreSQL built elsewhere than where the marts are published: here dbt parses into a folder of its
own first.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from places import PROJECT, published, target_path

BIN = Path(sys.executable).parent


def main(arguments: list[str] | None = None) -> int:
    """Parse the project, then hand over to MetricFlow; the exit code of the first to fail."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], add_help=False, allow_abbrev=False
    )
    parser.add_argument("--target", default="duckdb", choices=["duckdb", "postgres"])
    parser.add_argument("--vars", default="{}")
    options, question = parser.parse_known_args(arguments)
    # mf reads target/semantic_manifest.json beside the dbt_project.yml it is given
    folder = target_path() / "metrics"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(PROJECT / "dbt_project.yml", folder)
    parsed, own = target_path() / "partial_parse.msgpack", folder / "target/partial_parse.msgpack"
    if parsed.is_file() and not own.is_file():
        own.parent.mkdir(exist_ok=True)
        shutil.copy(parsed, own)
    is_published = options.target == "duckdb" and (published() / "marts.duckdb").is_file()
    environment = os.environ | {
        "DBT_PROFILES_DIR": str(PROJECT / "profiles"),
        "DBT_TARGET": "published" if is_published else options.target,
        "DBT_TARGET_PATH": str(folder / "target"),
        "PUBLISHED": str(published()),
    }
    parse = [BIN / "dbt", "--quiet", "parse", "--vars", options.vars]
    parsed = subprocess.run(parse, cwd=PROJECT, env=environment, check=False).returncode
    if parsed != 0:
        return parsed
    ask = [BIN / "mf", *(question or ["list", "metrics"])]
    environment["DBT_PROJECT_DIR"] = str(folder)
    return subprocess.run(ask, cwd=PROJECT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
