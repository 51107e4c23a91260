"""Seasonality finds what was planted; the forecast survives short and odd histories."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import duckdb
import psycopg2
import pytest
from warehouse import ENGINES, PROJECT, Warehouse

FACTS: dict[str, Any] = json.loads((PROJECT / "seeds" / "raw" / "planted_facts.json").read_text())
PLANTED = FACTS["seasonality"]
Build = Callable[[str], Warehouse]

# By how much an index of orders may differ from the planted one. Two years of a month are some 380
# orders, 5 % as a standard error, and the shop starts from nothing, so that its trend is steep
# in the first year; a weekday has 650 orders (4 %), an hour 190 (7 %), Black Friday 25 (20 %).
MONTH_TOLERANCE = 0.2
MEAN_MONTH_TOLERANCE = 0.08
WEEKDAY_TOLERANCE = 0.08
HOUR_TOLERANCE = 0.3
BLACK_FRIDAY_TOLERANCE = 0.6

pytestmark = pytest.mark.parametrize("engine", ENGINES)


def indices(warehouse: Warehouse, period_type: str) -> dict[str, float]:
    """The orders_index of each period, in order."""
    return {
        name: float(index)
        for name, index in warehouse.query(
            "select period_name, orders_index from analytics.seasonality "
            f"where period_type = '{period_type}' order by period_number, period_name"
        )
    }


def demand(day: date) -> float:
    """What the generator planted for a day, flash sale aside, against an average one."""
    factor = PLANTED["month"][day.month - 1] * PLANTED["weekday_from_monday"][day.weekday()]
    november = date(day.year, 11, 1)
    friday = november + timedelta(days=(3 - november.weekday()) % 7 + 22)
    since_friday = (day - friday).days
    if 0 <= since_friday <= 3:
        return factor * PLANTED["black_friday_to_cyber_monday"]
    if since_friday >= -4 and (day.month == 11 or day <= date(day.year, 12, 20)):
        return factor * PLANTED["black_friday_week_to_20_december"]
    return factor


def test_planted_months(engine: str, sample_shop: Build) -> None:
    """Month indices are the mean demand planted for the days of the month; December stands out."""
    days: dict[int, list[float]] = defaultdict(list)
    day = date(2024, 1, 1)
    while day < date(2026, 1, 1):
        days[day.month].append(demand(day))
        day += timedelta(days=1)
    means = {month: sum(values) / len(values) for month, values in days.items()}
    average = sum(means.values()) / 12
    expected = [means[month] / average for month in range(1, 13)]
    found = list(indices(sample_shop(engine), "month").values())
    assert found == pytest.approx(expected, abs=MONTH_TOLERANCE)
    misses = [abs(index - planted) for index, planted in zip(found, expected, strict=True)]
    assert sum(misses) / 12 < MEAN_MONTH_TOLERANCE
    assert sum(found) / 12 == pytest.approx(1, abs=1e-6)
    assert sorted(found)[-2:] == [found[10], found[11]], "November and December sell most"


def test_planted_weekdays_and_hours(engine: str, sample_shop: Build) -> None:
    """Weekday and hour indices are the planted ones."""
    weekdays = list(indices(sample_shop(engine), "weekday").values())
    assert weekdays == pytest.approx(PLANTED["weekday_from_monday"], abs=WEEKDAY_TOLERANCE)
    hours = list(indices(sample_shop(engine), "hour").values())
    assert hours == pytest.approx(PLANTED["hour"], abs=HOUR_TOLERANCE)


def test_black_friday(engine: str, sample_shop: Build) -> None:
    """Black Friday is found with its planted factor and is the event with most orders."""
    warehouse = sample_shop(engine)
    events = indices(warehouse, "event")
    assert events["Black Friday"] == max(events.values())
    assert events["Black Friday"] == pytest.approx(
        PLANTED["black_friday_to_cyber_monday"], abs=BLACK_FRIDAY_TOLERANCE
    )


def test_peaks(engine: str, sample_shop: Build) -> None:
    """The planted peaks are flagged: December, Sunday, the evening, Black Friday."""
    peaks = {
        name
        for (name,) in sample_shop(engine).query(
            "select period_name from analytics.seasonality where is_peak"
        )
    }
    assert {"December", "Sunday", "19:00", "20:00", "21:00", "Black Friday"} <= peaks
    assert not peaks & {"February", "Wednesday", "03:00", "Father's Day"}


def test_sample_shop_beats_naive(engine: str, sample_shop: Build) -> None:
    """The champion forecasts a growing, seasonal shop better than seasonal naive."""
    warehouse = sample_shop(engine)
    assert warehouse.query(
        "select min(forecast_month), min(history_months), min(status), count(*), "
        "bool_or(is_running_month) from analytics.sales_forecast"
    ) == [(date(2026, 1, 1), 24, "ok", 6, True)]
    assert warehouse.query(
        "select verdict, mae_to_naive < 0.6 from analytics.forecast_accuracy "
        "where scope = 'all' and is_champion"
    ) == [("beats seasonal naive", True)]


def test_intervals_are_students_t(engine: str, sample_shop: Build) -> None:
    """One month ahead an interval is t with 12 degrees of freedom times the back-test's RMSE."""
    warehouse = sample_shop(engine)
    rmse = warehouse.value(
        "select sqrt(avg(power(actual - forecast, 2))) from intermediate.int_forecast_intervals "
        "where is_champion and months_ahead = 1"
    )
    ((half_80, half_95),) = warehouse.query(
        "select upper_80 - forecast, upper_95 - forecast from intermediate.int_forecast_intervals "
        "where is_champion and is_newest_origin and months_ahead = 1"
    )
    assert half_80 / rmse == pytest.approx(1.3562, abs=1e-3)
    assert half_95 / rmse == pytest.approx(2.1788, abs=1e-3)


def test_running_month_is_not_learnt_from(engine: str, online_retail: Build) -> None:
    """December 2011 has nine days: it is forecast from the twelve complete months before."""
    warehouse = online_retail(engine)
    assert warehouse.query(
        "select forecast_month, history_months, status, is_running_month "
        "from analytics.sales_forecast where months_ahead = 1"
    ) == [(date(2011, 12, 1), 12, "no_full_year", True)]
    assert warehouse.query("select distinct status from analytics.seasonality order by status") == [
        ("less_than_two_years",),
        ("ok",),
    ]


SEASON = (1.0, 0.8, 0.9, 1.0, 1.1, 1.0, 0.9, 0.7, 1.0, 1.1, 1.3, 1.2)
SERIES: dict[str, list[float]] = {
    "1 month": [1_000.0],
    "2 months": [1_000.0, 1_200.0],
    "5 months": [1_000.0, 1_200.0, 900.0, 1_100.0, 1_000.0],
    "12 months": [1_000.0, 1_050.0, 990.0, 1_200.0, 1_150.0, 1_230.0, 1_190.0, 1_350.0, 1_290.0,
                  1_400.0, 1_380.0, 1_500.0],
    "13 months": [1_000.0 * SEASON[month % 12] for month in range(13)],
    "36 seasonal": [1_000.0 * 1.02**month * SEASON[month % 12] for month in range(36)],
    "36 with closed Augusts": [0.0 if month % 12 == 7 else 1_000.0 for month in range(36)],
    "30 with a dead year": [0.0 if 9 <= month < 21 else 1_000.0 for month in range(30)],
    "24 zeros": [0.0] * 24,
    "24 the same": [500.0] * 24,
    "24 alternating": [50.0 if month % 2 else 150.0 for month in range(24)],
    "20 negative": [-100.0 * (month % 3) for month in range(20)],
    "20 falling below zero": [1_000.0 - 100 * month for month in range(20)],
}  # fmt: skip


@pytest.fixture(scope="module")
def odd_series(new_warehouse: Callable[[str], Warehouse]) -> dict[str, Warehouse]:
    """The forecast models run on SERIES in place of a shop, by engine."""
    warehouses = {}
    for engine in ENGINES:
        warehouse = new_warehouse(engine)
        statements = [
            "create schema intermediate",
            "create table intermediate.int_forecast_series "
            "(series_id text, month_number bigint, actual double precision, sale_month date)",
        ] + [
            "insert into intermediate.int_forecast_series "
            f"values ('{name}', {month}, {value}, null)"
            for name, values in SERIES.items()
            for month, value in enumerate(values, 1)
        ]
        connection = (
            psycopg2.connect(**warehouse.postgres)
            if warehouse.postgres
            else duckdb.connect(str(warehouse.file))
        )
        with closing(connection):
            connection.cursor().execute(";".join(statements))
            connection.commit()
        models = ("seasonal_indices", "smoothed", "candidates", "intervals")
        run = warehouse.dbt("run", "--select", *(f"int_forecast_{model}" for model in models))
        assert run.exit_code == 0, run.output[-3000:]
        warehouses[engine] = warehouse
    return warehouses


def champions(warehouse: Warehouse) -> dict[str, list[tuple[Any, ...]]]:
    """Per series, the champion's rows: method, back-test forecasts, forecast, lower_80."""
    found = defaultdict(list)
    for name, *row in warehouse.query(
        "select series_id, method, backtest_forecasts, forecast, lower_80 "
        "from intermediate.int_forecast_intervals where is_champion and is_newest_origin "
        "order by series_id, months_ahead"
    ):
        found[name].append(tuple(row))
    return found


def test_every_history_gets_a_forecast(engine: str, odd_series: dict[str, Warehouse]) -> None:
    """One champion and six finite forecasts per series, none below zero, whatever came before."""
    found = champions(odd_series[engine])
    assert found.keys() == SERIES.keys()
    for name, rows in found.items():
        assert len(rows) == 6, name
        assert len({method for method, *_ in rows}) == 1, name
        assert all(math.isfinite(row[2]) and 0 <= row[2] < 10_000 for row in rows), name
    assert (
        odd_series[engine].value(
            "select count(*) from intermediate.int_forecast_intervals "
            "where not (forecast between 0 and 10000) or not (lower_95 <= upper_95)"
        )
        == 0
    )


def test_short_histories_degrade(engine: str, odd_series: dict[str, Warehouse]) -> None:
    """Below four months nothing is back-tested: the last month is repeated, without intervals."""
    found = champions(odd_series[engine])
    for name, last in (("1 month", 1_000.0), ("2 months", 1_200.0)):
        assert found[name] == [("seasonal_naive", 0, last, None)] * 6
    assert [row[1] for row in found["5 months"]] == [3] * 6
    assert all(row[3] is None for row in found["5 months"]), "three misses ahead are needed"


def test_seasons_are_found(engine: str, odd_series: dict[str, Warehouse]) -> None:
    """A season with growth, which is damped, is continued to 4 %; closed months stay at zero."""
    found = champions(odd_series[engine])
    expected = [1_000 * 1.02**month * SEASON[month % 12] for month in range(36, 42)]
    assert [row[2] for row in found["36 seasonal"]] == pytest.approx(expected, rel=0.04)
    assert [row[2] for row in found["24 the same"]] == pytest.approx([500] * 6)
    assert [row[2] for row in found["24 zeros"]] == [0] * 6
    # a trend of 100, and no scatter that would draw the indices towards 1
    assert [row[2] for row in found["24 alternating"]] == pytest.approx([150, 50] * 3, rel=1e-6)
    closed = odd_series[engine].value(
        "select seasonal_index from intermediate.int_forecast_seasonal_indices "
        "where series_id = '36 with closed Augusts' and origin_month_number = 36 "
        "and year_position = 8"
    )
    assert closed == pytest.approx(0, abs=1e-9)


def test_smoothing_is_the_textbook_recursion(engine: str, odd_series: dict[str, Warehouse]) -> None:
    """Level and trend after twelve months are those of the recursion run by hand."""
    values = SERIES["12 months"]
    for smoothing, alpha, beta, phi, level, trend, squared_errors in odd_series[engine].query(
        "select smoothing, alpha, beta, phi, level, trend, squared_errors "
        "from intermediate.int_forecast_smoothed where series_id = '12 months' "
        "and origin_month_number = 12"
    ):
        mean, middle = sum(values) / 12, 6.5
        slope = sum((month - middle) * value for month, value in enumerate(values, 1)) / 143
        if smoothing == "simple":
            by_hand, change = mean, 0.0
        else:
            by_hand, change = mean - slope * middle, slope
        total = 0.0
        for value in values:
            forecast = by_hand + phi * change
            miss = value - forecast
            by_hand, change = forecast + alpha * miss, phi * change + beta * miss
            total += miss**2
        assert (level, trend, squared_errors) == pytest.approx((by_hand, change, total))
