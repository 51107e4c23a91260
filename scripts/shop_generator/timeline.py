"""The shop's clock: seasonality, operational time and the dates of the planted incidents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from shop_generator import settings as cfg
from shop_generator.settings import Settings

FLASH_SALE_FACTOR = 7.0
# Incidents as fractions of the period: flash sale, checkout outage, recall, broken import.
INCIDENT_FRACTIONS = {"flash_sale": 0.664, "outage": 0.865, "recall": 0.745, "glitch": 0.912}


def to_seconds(day: date) -> int:
    """Midnight UTC of a day as seconds since 1970."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def to_date(seconds: int) -> date:
    return datetime.fromtimestamp(int(seconds), tz=UTC).date()


def black_friday(year: int) -> date:
    """The day after the fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 22)


@dataclass(frozen=True)
class Timeline:
    """Calendar seconds against operational weeks, in which demand is even.

    ``grid`` holds hour boundaries in seconds [hours + 1], ``operational`` the operational weeks
    passed at each (0 … length of the period in weeks), ``acquired`` the share of all customers
    acquired by then (0 … 1).
    """

    start: int
    end: int
    first_monday: int
    weeks: int
    grid: np.ndarray
    operational: np.ndarray
    acquired: np.ndarray
    incidents: dict[str, date]

    def to_operational(self, seconds: np.ndarray) -> np.ndarray:
        return np.interp(seconds, self.grid, self.operational)

    def from_operational(self, weeks: np.ndarray) -> np.ndarray:
        seconds = np.interp(weeks, self.operational, self.grid).astype(np.int64)
        return np.clip(seconds, self.start, self.end - 1)

    def draw_acquisitions(self, rng: np.random.Generator, size: int) -> np.ndarray:
        """Moments of first purchases in seconds, int64 [size]."""
        seconds = np.interp(rng.random(size), self.acquired, self.grid).astype(np.int64)
        return np.clip(seconds, self.start, self.end - 1)

    def week_of(self, seconds: np.ndarray) -> np.ndarray:
        """Index of the calendar week (Monday to Sunday), 0 for the one holding the first day."""
        return (seconds - self.first_monday) // cfg.WEEK

    def monday(self, week: int) -> date:
        return to_date(self.first_monday + week * cfg.WEEK)


def day_factors(days: list[date], flash_sale: date) -> np.ndarray:
    """Demand of each day against an average one: month, weekday, holidays, flash sale; [days]."""
    factors = np.array(
        [cfg.MONTH_INDEX[day.month - 1] * cfg.WEEKDAY_INDEX[day.weekday()] for day in days]
    )
    for position, day in enumerate(days):
        since_friday = (day - black_friday(day.year)).days
        if 0 <= since_friday <= 3:
            factors[position] *= cfg.BLACK_FRIDAY_FACTOR
        elif since_friday >= -4 and (day.month == 11 or day <= date(day.year, 12, 20)):
            factors[position] *= cfg.HOLIDAY_FACTOR
        if day == flash_sale:
            factors[position] *= FLASH_SALE_FACTOR
    return factors


def build_timeline(settings: Settings) -> Timeline:
    """The clock of one run; it does not depend on chance."""
    length = (settings.end - settings.start).days + 1
    days = [settings.start + timedelta(days=offset) for offset in range(length)]
    incidents = {name: days[int(length * part)] for name, part in INCIDENT_FRACTIONS.items()}
    start = to_seconds(settings.start)
    end = start + length * cfg.DAY
    hourly = np.outer(day_factors(days, incidents["flash_sale"]), cfg.HOUR_INDEX).ravel()
    trend = 1 + cfg.ACQUISITION_GROWTH * (np.arange(hourly.size) / hourly.size)
    operational = np.concatenate([[0.0], np.cumsum(hourly)])
    acquired = np.concatenate([[0.0], np.cumsum(hourly * trend)])
    first_monday = start - settings.start.weekday() * cfg.DAY
    return Timeline(
        start=start,
        end=end,
        first_monday=first_monday,
        weeks=-(-(end - first_monday) // cfg.WEEK),
        grid=np.arange(start, end + 1, cfg.HOUR, dtype=np.float64),
        operational=operational / operational[-1] * (length / 7),
        acquired=acquired / acquired[-1],
        incidents=incidents,
    )
