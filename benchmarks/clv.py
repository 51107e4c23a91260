"""Compare the warehouse's customer lifetime value fits with those of the package lifetimes.

    dbt build
    python benchmarks/clv.py [--warehouse FILE] [--dbt .venv/bin/dbt] [--vars '{…}']

Fits BG/NBD, MBG/NBD and Gamma-Gamma on the same customers twice in one run: by `dbt run --select
clv_model_fit` in a warehouse that was built before, and by lifetimes reading
int_customer_purchase_history. Prints the parameters side by side, the largest relative difference,
the log-likelihoods and the time of each. Needs an environment with `lifetimes` and `duckdb`, which
is not one of this project's; --dbt names the project's dbt.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
from lifetimes import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter

PROJECT = Path(__file__).resolve().parents[1]
PARAMETERS = {
    "bg_nbd": ("r", "alpha", "a", "b"),
    "mbg_nbd": ("r", "alpha", "a", "b"),
    "gamma_gamma": ("p", "q", "v"),
}


def fit_in_warehouse(warehouse: Path, dbt: str, variables: str) -> float:
    """Build clv_model_fit and return the seconds the model took, the six fits within."""
    with tempfile.TemporaryDirectory() as target:
        subprocess.run(
            [
                *(dbt, "--quiet", "run", "--select", "clv_model_fit", "--target", "duckdb"),
                *("--target-path", target, "--vars", variables),
            ],
            cwd=PROJECT,
            env={
                **os.environ,
                "DBT_PROFILES_DIR": str(PROJECT / "profiles"),
                "WAREHOUSE": str(warehouse),
            },
            check=True,
        )
        results = json.loads((Path(target) / "run_results.json").read_text())["results"]
    return next(row["execution_time"] for row in results if row["unique_id"].endswith("model_fit"))


def fit_by_lifetimes(model: str, history: Any) -> tuple[dict[str, float], float]:
    """Fit one model with lifetimes, without penalty; parameters and log-likelihood."""
    if model == "gamma_gamma":
        history = history[history.mean_repeat_value > 0]
        fitter = GammaGammaFitter(penalizer_coef=0)
        fitter.fit(history.repeat_purchases, history.mean_repeat_value)
    else:
        kinds: dict[str, Callable[..., Any]] = {
            "bg_nbd": BetaGeoFitter,
            "mbg_nbd": ModifiedBetaGeoFitter,
        }
        fitter = kinds[model](penalizer_coef=0)
        fitter.fit(history.repeat_purchases, history.recency, history.age)
    log_likelihood = -float(fitter._negative_log_likelihood_) * len(history)
    if model != "gamma_gamma":
        # lifetimes measures time in units of its own, which shifts the density of every purchase
        log_likelihood += float(history.repeat_purchases.sum()) * math.log(fitter._scale)
    return dict(fitter.params_), log_likelihood


def main() -> None:
    """Fit both ways and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--warehouse", type=Path, default=PROJECT / "warehouse.duckdb")
    parser.add_argument("--dbt", default=str(PROJECT / ".venv" / "bin" / "dbt"))
    parser.add_argument("--vars", default="{}", help="vars the warehouse was built with")
    arguments = parser.parse_args()

    seconds = fit_in_warehouse(arguments.warehouse.resolve(), arguments.dbt, arguments.vars)
    with duckdb.connect(str(arguments.warehouse), read_only=True) as connection:
        fits = connection.sql(
            "select * from analytics.clv_model_fit order by fit_period, model"
        ).df()
        histories = connection.sql("select * from intermediate.int_customer_purchase_history").df()

    theirs_seconds = 0.0
    for fit in fits.to_dict("records"):
        history = histories[histories.fit_period == fit["fit_period"]]
        print(f"\n{fit['model']}, {fit['fit_period']}, {len(history):,} customers: {fit['status']}")
        started = time.perf_counter()
        try:
            theirs, log_likelihood = fit_by_lifetimes(fit["model"], history)
        except Exception as error:  # lifetimes raises its own kind where it does not converge
            theirs_seconds += time.perf_counter() - started
            print(f"  lifetimes: {type(error).__name__}: {str(error).strip().splitlines()[0]}")
            continue
        theirs_seconds += time.perf_counter() - started
        differences = []
        for name in PARAMETERS[fit["model"]]:
            differences.append(abs(fit[name] / theirs[name] - 1))
            print(f"  {name:6} {fit[name]:14.6f} {theirs[name]:14.6f}")
        print(f"  log-likelihood {fit['log_likelihood']:.4f} against {log_likelihood:.4f}")
        print(f"  parameters differ by at most {max(differences):.2%}")
    print(f"\nsix fits: warehouse {seconds:.1f} s, lifetimes {theirs_seconds:.1f} s")


if __name__ == "__main__":
    main()
