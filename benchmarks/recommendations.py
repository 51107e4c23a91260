"""Measure the recommendations of a generated shop: time, memory and what their back-test says.

    python benchmarks/recommendations.py [--customers 1000000] [--seed 1] [--shop FOLDER]
        [--warehouse FILE]

Draws a shop with scripts/generate_data.py, unless FOLDER already holds one, and builds on DuckDB
what the recommendations read, unless FILE already holds it (give a new FILE to keep that for the
next time). Then builds the recommendation models and the back-test in a process of their own and
prints the seconds of each, the wall-clock and processor seconds of the whole command, its peak
memory, and the hit rates of every method.

`--customers 1000 --seed 11` is a shop like the sample that no constant was chosen on (21 to 32
were).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parents[1]
MODELS = (
    "int_recommendation*",
    "int_products_compared",
    "int_*_held_out",
    "customer_recommendations",
    "recommendation_accuracy",
)


def main() -> int:
    """Prepare, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shop", type=Path, help="folder with raw_<entity> files")
    parser.add_argument("--warehouse", type=Path, help="DuckDB file to use and keep")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        warehouse = (options.warehouse or folder / "warehouse.duckdb").resolve()
        shop = (options.shop or folder / "shop").resolve()
        if not shop.is_dir():
            generate(shop, options.customers, options.seed)
        environment = os.environ | {
            "WAREHOUSE": str(warehouse),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
            "DBT_PROFILES_DIR": str(PROJECT / "profiles"),
        }
        if not warehouse.is_file():
            upstream = ["--select", *(f"+{model}" for model in MODELS), "--exclude", *MODELS]
            upstream += ["--exclude-resource-type", "test", "unit_test"]
            dbt(["build", *upstream], shop, environment)
        started = time.monotonic()
        usage = dbt(["run", "--select", *MODELS], shop, environment)
        seconds = time.monotonic() - started
        results = json.loads((folder / "target" / "run_results.json").read_text())["results"]
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            accuracy = connection.execute(
                "select method, k, hit_rate, recall, mean_reciprocal_rank, hit_rate_margin "
                "from analytics.recommendation_accuracy order by k, hit_rate desc, method"
            ).fetchall()
    for result in results:
        if result["unique_id"].startswith("model."):
            name = result["unique_id"].rpartition(".")[2]
            print(f"{name:<32}{result['execution_time']:>8.1f} s")
    print(
        f"{'in all':<32}{seconds:>8.1f} s, {usage.ru_utime + usage.ru_stime:.1f} s of processor, "
        f"{usage.ru_maxrss / 1024:.0f} MB; load {os.getloadavg()[0]:.1f}"
    )
    print(f"\n{'method':<20}{'k':>4}{'hit rate':>10}{'recall':>10}{'MRR':>10}{'margin':>10}")
    for method, k, *rates in accuracy:
        print(f"{method:<20}{k:>4}" + "".join(f"{rate:>10.4f}" for rate in rates))
    return 0


def generate(folder: Path, customers: int, seed: int) -> None:
    """Draw a shop of so many customers as Parquet."""
    script = str(PROJECT / "scripts" / "generate_data.py")
    command = [sys.executable, script, "--customers", str(customers), "--seed", str(seed)]
    command += ["--format", "parquet", "--out", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def dbt(arguments: list[str], shop: Path, environment: dict[str, str]) -> os._Rusage:
    """Run dbt on the shop, which must pass, and return what the process used."""
    command = [str(Path(sys.executable).with_name("dbt")), *arguments]
    command += ["--vars", json.dumps({"source_system": "landed", "raw_path": str(shop)})]
    process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"dbt {arguments[0]} failed")
    return usage


if __name__ == "__main__":
    sys.exit(main())
