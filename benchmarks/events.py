"""Measure how long web events take to become sessions and a funnel, and the memory it needs.

    python benchmarks/events.py <folder with raw_<entity> files> [--warehouse FILE]

Builds conversion_funnel and everything it reads from landed files on DuckDB, then prints the
seconds of every table on the way from events to the funnel, and of the whole run the peak memory
and the CPU seconds, which a busy machine does not change.
Files with 10 million events: python scripts/generate_data.py --customers 430000 --format parquet
--out FOLDER
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parents[1]
# The tables on the way; between them stand views.
MODELS = ("base_events", "fct_sessions", "conversion_funnel")


def measure(folder: Path, warehouse: Path) -> tuple[dict[str, float], float, float]:
    """Seconds by model, peak memory in GB and CPU seconds of one run of dbt."""
    with tempfile.TemporaryDirectory() as target:
        command = [
            str(Path(sys.executable).with_name("dbt")), "--quiet", "build", "--target", "duckdb",
            "--select", "+conversion_funnel", "--target-path", target,
            "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test",
            "--vars", json.dumps({"source_system": "landed", "raw_path": str(folder)}),
        ]  # fmt: skip
        subprocess.run(
            command,
            cwd=PROJECT,
            env={
                **os.environ,
                "WAREHOUSE": str(warehouse),
                "DBT_PROFILES_DIR": str(PROJECT / "profiles"),
            },
            check=True,
        )
        results = json.loads((Path(target) / "run_results.json").read_text())["results"]
    seconds = {result["unique_id"].split(".")[-1]: result["execution_time"] for result in results}
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = used.ru_maxrss / 1024**2
    return {model: seconds[model] for model in MODELS}, peak, used.ru_utime + used.ru_stime


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder with raw_<entity> files")
    parser.add_argument(
        "--warehouse", type=Path, help="DuckDB file to write, a new one unless told"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        warehouse = arguments.warehouse or Path(scratch) / "events.duckdb"
        seconds, peak, busy = measure(arguments.folder.resolve(), warehouse)
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            events, sessions = connection.execute(
                "select sum(events), count(*) from analytics.fct_sessions"
            ).fetchone()
    for model, taken in seconds.items():
        print(f"{model:24} {taken:6.1f} s")
    print(f"{'together':24} {sum(seconds.values()):6.1f} s")
    print(f"{int(events or 0):,} events, {sessions:,} sessions, peak memory {peak:.1f} GB")
    print(f"{busy:.0f} CPU seconds, orders and everything else the funnel reads included")


if __name__ == "__main__":
    main()
