"""A headless Chromium that opens pages from disk without a network and notes what they did."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NO_CHROMIUM = "no Chromium on the PATH; on Debian: apt-get install chromium"
# Milliseconds after which what has not come is taken for missing: a busy machine needs a fraction.
PATIENCE = 600_000
LOCAL = ("file:", "data:", "blob:", "about:")


@dataclass
class Visit:
    """A page that is open, with its console errors and the addresses it asked the network for."""

    page: Page
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@contextmanager
def opened(file: Path, width: int = 1280, height: int = 900, **options: Any) -> Iterator[Visit]:
    """Open a file in a window of that size; options are those of Playwright's new_context.

    Without a Chromium the test is skipped, or fails where REQUIRE_BROWSER is set.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=FLAGS, timeout=PATIENCE
        )
        context = browser.new_context(
            viewport={"width": width, "height": height}, offline=True, **options
        )
        context.set_default_timeout(PATIENCE)
        visit = Visit(context.new_page())
        visit.page.on("console", lambda m: visit.errors.append(m.text) if m.type == "error" else 0)
        visit.page.on("pageerror", lambda error: visit.errors.append(str(error)))
        visit.page.on(
            "request",
            lambda r: None if r.url.startswith(LOCAL) else visit.requests.append(r.url),
        )
        visit.page.goto(file.resolve().as_uri())
        yield visit
        browser.close()


def chromium() -> str:
    """The Chromium of this machine."""
    for name in CHROMIUM_NAMES:
        found = shutil.which(name)
        if found:
            return found
    if os.environ.get("REQUIRE_BROWSER"):
        pytest.fail(NO_CHROMIUM)
    pytest.skip(NO_CHROMIUM)
