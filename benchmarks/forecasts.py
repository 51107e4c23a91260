"""Compare the forecast models with statsforecast's AutoETS and AutoARIMA.

    pip install statsforecast
    python benchmarks/forecasts.py [SHOP=WAREHOUSE.duckdb …] [--series 60] [--details FILE.csv]

Not part of the build. The SQL is the project's own: dbt runs the int_forecast_* models on a DuckDB
file of this script, in which int_forecast_series holds other series: generated ones, and those of
built warehouses (`sample=warehouse.duckdb`). From every series the newest months are held back;
generated series are cut once, shops after each of their last months, so that each gives several
forecasts. Errors are scaled as in forecast_accuracy (MASE) and averaged over months, then series.
dbt is taken from the PATH.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import tempfile
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

PROJECT = Path(__file__).resolve().parents[1]
HORIZON = 6
SEASON = 12
LEVELS = (80, 95)
SHOP_CUTS = 6
"""A shop is cut before its newest month, its newest two … this many."""
SHORTEST = 9
"""Months below which AutoETS gives up."""
MODELS = (
    "int_forecast_seasonal_indices",
    "int_forecast_smoothed",
    "int_forecast_candidates",
    "int_forecast_intervals",
)


@dataclass(frozen=True)
class Series:
    """One series, cut: what a forecaster may know [months] and what came [up to HORIZON]."""

    group: str
    name: str
    known: np.ndarray
    held_back: np.ndarray

    @property
    def scale(self) -> float:
        """Mean absolute error of seasonal naive on the known months, of naive below two years."""
        lag = SEASON if len(self.known) >= 2 * SEASON else 1
        return float(np.mean(np.abs(self.known[lag:] - self.known[:-lag])))


@dataclass(frozen=True)
class Forecast:
    """What one method says: points [HORIZON] and, by level, lower and upper bounds."""

    points: np.ndarray
    bounds: dict[int, tuple[np.ndarray, np.ndarray]]


def main(arguments: list[str] | None = None) -> None:
    """Make the series, forecast them twice and print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shops", nargs="*", metavar="SHOP=WAREHOUSE")
    parser.add_argument("--series", type=int, default=60, help="generated series (60)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the generator (1)")
    parser.add_argument("--details", type=Path, help="write the MASE of every series to this CSV")
    parser.add_argument("--skip-reference", action="store_true", help="leave statsforecast out")
    options = parser.parse_args(arguments)

    series = list(generated(options.series, options.seed))
    for shop in options.shops:
        name, _, file = shop.partition("=")
        series += shop_series(name, Path(file))
    forecasts = project_forecasts(series)
    if not options.skip_reference:
        forecasts |= reference_forecasts(series)
    print_comparison(series, forecasts)
    if options.details:
        write_details(options.details, series, forecasts)


def generated(count: int, seed: int) -> Iterable[Series]:
    """Monthly revenue of invented shops: trend, seasonality and noise of many kinds.

    Trends: none, linear, exponential, saturating, with a level shift, or a random walk.
    Seasonality: none, smooth or a peak at the end of the year. Noise is multiplicative, sometimes
    with memory. Two to seven years are known.
    """
    for number in range(count):
        rng = np.random.default_rng((seed, number))
        months = int(rng.integers(24, 85)) + HORIZON
        time = np.arange(months)
        kind = number % 6
        growth = rng.uniform(-0.1, 0.35) / SEASON
        trend = (
            np.ones(months),
            np.maximum(1 + growth * time, 0.2),
            np.exp(growth * time),
            1 + rng.uniform(0.5, 3) * (1 - np.exp(-time / rng.uniform(8, 30))),
            1 + rng.uniform(-0.4, 0.8) * (time > months * rng.uniform(0.3, 0.7)),
            np.exp(np.cumsum(rng.normal(0.003, rng.uniform(0.02, 0.06), months))),
        )[kind]
        strength = rng.uniform(0.05, 0.4)
        wave = np.sin(2 * np.pi * (np.arange(SEASON) + rng.integers(SEASON)) / SEASON)
        year = (
            np.ones(SEASON),
            1 + strength * wave + rng.normal(0, strength / 4, SEASON),
            1 + strength * 2 * (np.arange(SEASON) >= 10) + rng.normal(0, 0.05, SEASON),
        )[number // 6 % 3 if number % 9 else 0]
        noise = rng.normal(0, rng.uniform(0.03, 0.15), months)
        if rng.random() < 0.3:
            for month in range(1, months):
                noise[month] += 0.5 * noise[month - 1]
        values = 50_000 * trend * np.maximum(year, 0.05)[time % SEASON] * np.exp(noise)
        values = np.round(values, 2)
        yield Series("generated", f"generated_{number:03}", values[:-HORIZON], values[-HORIZON:])


def shop_series(name: str, warehouse: Path) -> Iterable[Series]:
    """The complete months of a built warehouse, cut before each of its newest months."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        values = connection.execute(
            "select net_revenue::double as revenue from analytics.monthly_sales "
            "where is_complete order by sale_month"
        ).fetchnumpy()["revenue"]
    for cut in range(max(SHORTEST, len(values) - SHOP_CUTS), len(values)):
        held_back = np.asarray(values[cut : cut + HORIZON])
        yield Series(name, f"{name}_{cut:03}", np.asarray(values[:cut]), held_back)


def project_forecasts(series: list[Series]) -> dict[str, dict[str, Forecast]]:
    """Forecasts of the project's SQL by method and series, that of the champion among them."""
    with tempfile.TemporaryDirectory(prefix="forecasts_") as folder:
        file = Path(folder) / "warehouse.duckdb"
        with duckdb.connect(str(file)) as connection:
            connection.execute("create schema intermediate")
            connection.execute(
                "create table intermediate.int_forecast_series "
                "(series_id text, month_number bigint, actual double, sale_month date)"
            )
            connection.executemany(
                "insert into intermediate.int_forecast_series "
                "values (?, ?, ?, date '2000-01-01' + to_months(cast(? as integer)))",
                [
                    (one.name, number, float(value), number - 1)
                    for one in series
                    for number, value in enumerate(one.known, 1)
                ],
            )
        environment = {
            **os.environ,
            "DBT_PROFILES_DIR": str(PROJECT / "profiles"),
            "DBT_TARGET_PATH": f"{folder}/target",
            "DBT_LOG_PATH": f"{folder}/logs",
            "WAREHOUSE": str(file),
        }
        environment.pop("SCHEMA_PREFIX", None)
        command = ["dbt", "--quiet", "run", "--select", *MODELS]
        command += ["--vars", f"{{forecast_horizon_months: {HORIZON}}}"]
        subprocess.run(command, cwd=PROJECT, env=environment, check=True)
        with duckdb.connect(str(file), read_only=True) as connection:
            rows = connection.execute(
                """
                select series_id, method, is_champion, months_ahead, forecast,
                    lower_80, upper_80, lower_95, upper_95
                from intermediate.int_forecast_intervals
                where is_newest_origin
                order by series_id, method, months_ahead
                """
            ).fetchall()
    found: dict[tuple[str, str], list[tuple[float, ...]]] = {}
    for name, method, is_champion, _, *numbers in rows:
        for key in (method, "champion") if is_champion else (method,):
            found.setdefault((key, name), []).append(
                tuple(np.nan if number is None else number for number in numbers)
            )
    forecasts: dict[str, dict[str, Forecast]] = {"champion": {}}
    for (method, name), numbers in found.items():
        columns = np.array(numbers).T
        bounds = {80: (columns[1], columns[2]), 95: (columns[3], columns[4])}
        forecasts.setdefault(method, {})[name] = Forecast(columns[0], bounds)
    return forecasts


def reference_forecasts(series: list[Series]) -> dict[str, dict[str, Forecast]]:
    """Forecasts of statsforecast's automatic models; seasonal where a year is known twice."""
    from statsforecast.models import AutoARIMA, AutoETS

    warnings.filterwarnings("ignore")
    forecasts: dict[str, dict[str, Forecast]] = {"AutoETS": {}, "AutoARIMA": {}}
    for one in series:
        season = SEASON if len(one.known) >= 2 * SEASON else 1
        for name, model in (
            ("AutoETS", AutoETS(season_length=season)),
            ("AutoARIMA", AutoARIMA(season_length=season)),
        ):
            said = model.forecast(y=one.known, h=HORIZON, level=list(LEVELS))
            bounds = {level: (said[f"lo-{level}"], said[f"hi-{level}"]) for level in LEVELS}
            forecasts[name][one.name] = Forecast(np.asarray(said["mean"]), bounds)
    return forecasts


def mase(one: Series, forecast: Forecast) -> float:
    """Mean absolute scaled error over the months held back."""
    misses = np.abs(forecast.points[: len(one.held_back)] - one.held_back)
    return float(np.mean(misses)) / one.scale


def coverage(one: Series, forecast: Forecast, level: int) -> float:
    """Share of the months held back that fell between the bounds; nan without bounds."""
    lower, upper = (bound[: len(one.held_back)] for bound in forecast.bounds[level])
    inside = (lower <= one.held_back) & (one.held_back <= upper)
    return float(np.mean(np.where(np.isnan(lower), np.nan, inside)))


def print_comparison(series: list[Series], forecasts: dict[str, dict[str, Forecast]]) -> None:
    """One table per group of series, best method first."""
    for group in dict.fromkeys(one.group for one in series):
        members = [one for one in series if one.group == group]
        errors = {
            method: float(np.mean([mase(one, said[one.name]) for one in members]))
            for method, said in forecasts.items()
        }
        print(f"\n{group}: {len(members)} forecasts of up to {HORIZON} months")
        titles = ("MASE", "/ AutoETS", "/ naive", "in 80 %", "in 95 %")
        print(f"{'method':<16}", *(f"{title:>9}" for title in titles))
        for method, error in sorted(errors.items(), key=lambda item: item[1]):
            inside = [
                np.nanmean([coverage(one, forecasts[method][one.name], level) for one in members])
                for level in LEVELS
            ]
            print(
                f"{method:<16} {error:9.3f} {error / errors.get('AutoETS', np.nan):9.3f} "
                f"{error / errors['seasonal_naive']:9.3f} {inside[0]:9.2f} {inside[1]:9.2f}"
            )


def write_details(
    file: Path, series: list[Series], forecasts: dict[str, dict[str, Forecast]]
) -> None:
    """The MASE of every method on every series."""
    with file.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines)
        writer.writerow(["group", "series", "months", *forecasts])
        for one in series:
            errors = [round(mase(one, said[one.name]), 4) for said in forecasts.values()]
            writer.writerow([one.group, one.name, len(one.known), *errors])


if __name__ == "__main__":
    main()
