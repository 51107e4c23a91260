"""Generate a believable online shop as the eleven tables of the raw contract.

    python scripts/generate_data.py                                  # the sample in seeds/raw
    python scripts/generate_data.py --customers 1000000 --format parquet --out /data/shop

The same arguments give the same bytes, whatever the number of processes. Customers are simulated
in chunks of 20,000 and written as they come, so memory does not grow with the size of the shop.

What is planted, so that analyses can be checked against a known truth:

* purchases follow BG/NBD (Fader, Hardie & Lee 2005) with known parameters, warped through monthly,
  weekly, hourly and holiday seasonality; spend differs between customers;
* products bought together, a growing and a declining category, late launches, discontinued,
  out-of-stock, overstocked and dead products, a defective one;
* incidents: a flash sale, a checkout outage on mobile, a recall, a broken import;
* visits with channels, devices and funnel steps, reviews whose text fits the stars, tickets,
  stock counts, marketing spend;
* documented dirt (``--no-dirt`` leaves it out): rows to be rejected, flagged, inferred or cleaned,
  each kind counted.

``planted_facts.json`` beside the tables lists all of it with ids, dates and exact counts.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from shop_generator.run import generate
from shop_generator.settings import Settings

SMALLEST_PERIOD_DAYS = 180
LONGEST_PERIOD_DAYS = 3_660


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """An argparse type: an integer from ``low`` to ``high``."""

    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"'{text}' is not a whole number") from None
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{value} is outside {low} to {high}")
        return value

    return parse


def day(text: str) -> date:
    """An argparse type: a date such as 2024-01-31."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a date like 2024-01-31") from None


def default_products(customers: int) -> int:
    """200 products for up to 1,000 customers, 2,000 for a million: growth by the cube root."""
    return 200 if customers <= 1_000 else min(5_000, round(200 * (customers / 1_000) ** (1 / 3)))


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="Generate a believable online shop as the tables of the raw contract."
    )
    parser.add_argument("--customers", type=whole_number(50, 5_000_000), default=1_000)
    parser.add_argument(
        "--products",
        type=whole_number(72, 5_000),
        help="default: 200 up to 1,000 customers, then growing to 2,000 at a million",
    )
    parser.add_argument("--seed", type=whole_number(0, 2**63 - 1), default=20240101)
    parser.add_argument("--start", type=day, default=date(2024, 1, 1), help="first day")
    parser.add_argument("--end", type=day, default=date(2026, 1, 18), help="last day, included")
    parser.add_argument("--format", choices=("csv", "parquet"), default="csv")
    parser.add_argument("--out", type=Path, default=Path("seeds/raw"), help="folder to write to")
    parser.add_argument("--no-dirt", dest="dirt", action="store_false", help="clean data only")
    parser.add_argument(
        "--jobs",
        type=whole_number(1, 64),
        default=min(os.cpu_count() or 1, 8),
        help="processes; the result is the same for any number (default: one per processor)",
    )
    return parser


def read_settings(arguments: list[str] | None = None) -> Settings:
    """Checked settings from the command line; ends the program with a message if they are wrong."""
    parser = build_parser()
    given = parser.parse_args(arguments)
    length = (given.end - given.start).days + 1
    if length < 1:
        parser.error(f"--end {given.end} is before --start {given.start}")
    if not SMALLEST_PERIOD_DAYS <= length <= LONGEST_PERIOD_DAYS:
        parser.error(
            f"--start to --end is {length} days; "
            f"it must be {SMALLEST_PERIOD_DAYS} to {LONGEST_PERIOD_DAYS}"
        )
    if given.start.year < 1970 or given.end.year > 2100:
        parser.error("--start and --end must lie between 1970 and 2100")
    try:
        given.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.error(f"--out {given.out} cannot be created: {error.strerror}")
    if not os.access(given.out, os.W_OK):
        parser.error(f"--out {given.out} is not writable")
    products = given.products or default_products(given.customers)
    return Settings(**{**vars(given), "products": products})


def main(arguments: list[str] | None = None) -> int:
    settings = read_settings(arguments)
    facts = generate(settings)
    for entity, rows in facts["clean"]["rows"].items():
        print(f"{entity:16} {rows['raw']:>12,} rows, {rows['rejected']:,} to be rejected")
    print(f"written to {settings.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
