"""Measure the dashboard: seconds to make it, its size, and how soon a browser shows it.

    python benchmarks/dashboard_page.py [--runs 3] [--target duckdb|postgres]

Makes the dashboard of the published marts several times in a temporary folder and opens it in a
headless Chromium each time. Prints the medians: seconds of the whole command, megabytes,
milliseconds to the first paint, and until the charts of the first page are drawn.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

PROJECT = Path(__file__).resolve().parents[1]
DRAWN = "!!document.querySelector('#overview .chart svg')"
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def main() -> int:
    """Measure and print a line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--target", default="duckdb", choices=["duckdb", "postgres"])
    options = parser.parse_args()
    seconds, paints, drawn = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "dashboard.html"
        for _ in range(options.runs):
            seconds.append(make(file, options.target))
            paint, all_drawn = show(file)
            paints.append(paint)
            drawn.append(all_drawn)
        size = file.stat().st_size
    print(
        f"made in {statistics.median(seconds):.1f} s, {size / 1e6:.2f} MB, "
        f"first paint after {statistics.median(paints):.0f} ms, "
        f"charts drawn after {statistics.median(drawn):.0f} ms"
    )
    return 0


def make(file: Path, target: str) -> float:
    """Seconds to make the dashboard."""
    started = time.monotonic()
    command = [sys.executable, "-m", "dashboard", "--target", target, "--out", str(file)]
    subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - started


def show(file: Path) -> tuple[float, float]:
    """Milliseconds to the first paint and to the first page's charts, in a fresh browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_context(offline=True).new_page()
        page.goto(file.as_uri())
        page.wait_for_function(DRAWN)
        drawn = page.evaluate("performance.now()")
        paint = page.evaluate(PAINT)
        browser.close()
    return paint, drawn


if __name__ == "__main__":
    sys.exit(main())
