"""Measure how long builds take and how much memory they need.

    python benchmarks/builds.py [--runs 3] [--data FOLDER]

Builds the sample shop, and UCI Online Retail where FOLDER/online_retail/online_retail.parquet is
(default: the folder CONFORMANCE_DATA names, else ../shared/data), each several times into a fresh
folder that is then thrown away. Prints the median wall-clock seconds of the whole build command,
dbt's own share of them, that of publishing the marts, and the peak memory. The first run of each,
which parses the project anew, is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Measurement:
    """One build: seconds in all, of dbt and of publishing; peak memory of a process in MB."""

    seconds: float
    dbt_seconds: float
    publishing_seconds: float
    peak_megabytes: float


def main() -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, help="measured runs of each build")
    parser.add_argument("--data", default=default_data())
    options = parser.parse_args()
    builds: dict[str, list[str]] = {"sample shop": []}
    retail = Path(options.data) / "online_retail" / "online_retail.parquet"
    if retail.is_file():
        builds["Online Retail"] = ["--source", "online_retail", "--raw", str(retail.resolve())]
    print(f"{'build':<16}{'seconds':>9}{'dbt':>9}{'publish':>9}{'peak MB':>9}")
    for name, arguments in builds.items():
        measured = measure(arguments, options.runs)
        print(
            f"{name:<16}"
            f"{statistics.median(m.seconds for m in measured):>9.1f}"
            f"{statistics.median(m.dbt_seconds for m in measured):>9.1f}"
            f"{statistics.median(m.publishing_seconds for m in measured):>9.1f}"
            f"{max(m.peak_megabytes for m in measured):>9.0f}"
        )
    return 0


def default_data() -> str:
    """Where the tests look for public data sets, too."""
    return os.environ.get("CONFORMANCE_DATA", str(PROJECT.parent / "shared" / "data"))


def measure(arguments: list[str], runs: int) -> list[Measurement]:
    """Build once to warm up and then `runs` times into the same throw-away warehouse."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "WAREHOUSE": str(Path(folder) / "warehouse.duckdb"),
            "DBT_TARGET_PATH": str(Path(folder) / "target"),
            "DBT_LOG_PATH": str(Path(folder) / "logs"),
            "PUBLISHED": str(Path(folder) / "published"),
            "DBT_PROFILES_DIR": str(PROJECT / "profiles"),
        }
        return [build(arguments, environment) for _ in range(runs + 1)][1:]


def build(arguments: list[str], environment: dict[str, str]) -> Measurement:
    """Run the build command once; it must pass."""
    started = time.monotonic()
    process = subprocess.run(
        [sys.executable, str(PROJECT / "scripts" / "build.py"), *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds = time.monotonic() - started
    results = json.loads((Path(environment["DBT_TARGET_PATH"]) / "run_results.json").read_text())
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    publishing = re.search(r"publishing ([0-9.]+) s", process.stdout)
    assert publishing, "the build's summary says how long publishing took"
    return Measurement(seconds, results["elapsed_time"], float(publishing[1]), peak)


if __name__ == "__main__":
    sys.exit(main())
