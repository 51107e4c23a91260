"""Ask for metrics with MetricFlow, off the published marts.

    python scripts/metrics.py [--target duckdb|postgres] [--vars '{churn_days: 60}'] [ARGUMENT …]

Runs `mf ARGUMENT …`, or `mf list metrics`, on what a target has published: on DuckDB
published/marts.duckdb (PUBLISHED names another folder), on PostgreSQL the schema analytics. Where
nothing is published it says so and asks nothing. `mf` alone would take its relations from the last
dbt command in target/, which is about the warehouse; dbt parses into another folder here first.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from places import PROJECT, PlaceError, reader_environment

BIN = Path(sys.executable).parent


def main(arguments: list[str] | None = None) -> int:
    """Parse the project, then hand over to MetricFlow; the exit code of the first to fail."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], add_help=False, allow_abbrev=False
    )
    parser.add_argument("--target", default="duckdb", choices=["duckdb", "postgres"])
    parser.add_argument("--vars", default="{}")
    options, question = parser.parse_known_args(arguments)
    try:
        environment = reader_environment(options.target)
    except PlaceError as error:
        print(f"No metrics: {error}", file=sys.stderr)
        return 2
    # mf reads target/semantic_manifest.json beside the dbt_project.yml it is given
    folder = Path(environment["DBT_TARGET_PATH"]).parent
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(PROJECT / "dbt_project.yml", folder)
    parse = [BIN / "dbt", "--quiet", "parse", "--vars", options.vars]
    parsed = subprocess.run(parse, cwd=PROJECT, env=environment, check=False).returncode
    if parsed != 0:
        return parsed
    ask = [BIN / "mf", *(question or ["list", "metrics"])]
    environment["DBT_PROJECT_DIR"] = str(folder)
    return subprocess.run(ask, cwd=PROJECT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
