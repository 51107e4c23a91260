"""The documentation: one page that works offline, teaches, and shows columns, SQL and lineage."""

from __future__ import annotations

import copy
import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browser import opened
from warehouse import PROJECT, Warehouse

PAGES = sorted(
    name
    for file in (PROJECT / "docs").glob("*.md")
    for name in re.findall(r"{% docs __(\w+)__ %}", file.read_text("utf-8"))
)
BODY = "[ui-view].app-body"
# Whether the lineage graph has drawn something.
DRAWN = """
() => [...document.querySelectorAll('canvas')].some(canvas =>
    canvas.width > 600
    && canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data
        .filter((value, place) => place % 4 === 3 && value > 0).length > 10000
)
"""


@pytest.fixture(scope="module")
def folder(sample_shop: Callable[[str], Warehouse]) -> Path:
    """dbt's folder after `make docs` on the sample shop."""
    warehouse = sample_shop("duckdb")
    subprocess.run(
        [sys.executable, str(PROJECT / "scripts" / "docs.py")],
        env=warehouse.environment,
        check=True,
    )
    return warehouse.folder / "target"


@pytest.fixture(scope="module")
def manifest(folder: Path) -> dict[str, Any]:
    """What dbt knows of the project."""
    return json.loads((folder / "manifest.json").read_text("utf-8"))


def test_page_works_offline(folder: Path, manifest: dict[str, Any]) -> None:
    """Front page, search, columns, SQL and lineage of a mart; no request, no error."""
    with opened(folder / "static_index.html") as visit:
        page = visit.page
        page.get_by_role("heading", name="E-commerce analytics").wait_for()
        front = page.locator(BODY).inner_text()
        for chapter in ("By question", "Methods explained", "How a number is defined", "Grain"):
            assert chapter in front
        for link in page.locator("a[href^='#!/model/']").all():
            unique_id = link.get_attribute("href").split("/")[-1]
            assert unique_id in manifest["nodes"], f"the front page links to {unique_id}"

        page.get_by_placeholder("Search for models").fill("cohort")
        page.locator(".search-result[href$='.customer_cohorts']").click()
        page.get_by_role("heading", name="customer_cohorts table").wait_for()
        body = page.locator(BODY).inner_text()
        assert "One row per cohort x period since the first sale" in body
        assert "retention_rate" in body
        assert "active_customers ÷ cohort_customers; null in a cohort of nobody." in body
        assert "More: Segments, cohorts and churn" in body
        page.get_by_text("Compiled", exact=True).click()
        page.get_by_text('from "warehouse"."analytics"."fct_orders"').first.wait_for()

        page.get_by_title("View Lineage Graph").click()
        page.locator("[ng-click='showExpanded()']:visible").click()
        page.wait_for_function(DRAWN)
        assert visit.requests == []
        assert visit.errors == []


def test_methods_have_pages(folder: Path) -> None:
    """Every page of docs/ that is meant for the site opens there, without the marks around it."""
    assert {"customer_lifetime_value", "market_basket", "sales_forecast"} <= set(PAGES)
    front = (PROJECT / "models" / "overview.md").read_text("utf-8")
    with opened(folder / "static_index.html") as visit:
        for name in PAGES:
            assert f"(#!/overview/{name})" in front, f"the front page does not link to {name}"
            title = re.search(
                r"^# (.+)$", (PROJECT / "docs" / f"{name}.md").read_text("utf-8"), re.M
            )
            visit.page.goto((folder / "static_index.html").as_uri() + f"#!/overview/{name}")
            visit.page.get_by_role("heading", name=title[1], exact=True).wait_for()
            assert "--" not in visit.page.locator(BODY).inner_text()[:20]
        assert visit.errors == []


def test_lineage_leads_from_raw_data_to_what_people_open(
    folder: Path, manifest: dict[str, Any]
) -> None:
    """fct_orders comes from raw orders and leads to the dashboard; exposures rest on raw data."""

    def reach(start: str, edges: dict[str, list[str]]) -> set[str]:
        found = {start}
        while new := {end for node in found for end in edges.get(node, [])} - found:
            found |= new
        return found

    orders = "model.ecommerce_analytics.fct_orders"
    assert "seed.ecommerce_analytics.raw_orders" in reach(orders, manifest["parent_map"])
    below = reach(orders, manifest["child_map"])
    assert "model.ecommerce_analytics.sales_forecast" in below
    assert "exposure.ecommerce_analytics.dashboard" in below
    for unique_id in manifest["exposures"]:
        assert "seed.ecommerce_analytics.raw_orders" in reach(unique_id, manifest["parent_map"])


def test_everything_on_the_page_is_described(folder: Path, manifest: dict[str, Any]) -> None:
    """No relation or column is without words, and every model begins with its grain."""
    spec = importlib.util.spec_from_file_location("docs", PROJECT / "scripts" / "docs.py")
    docs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(docs)
    shown = docs.for_readers(copy.deepcopy(manifest))
    missing = []
    for unique_id, relation in json.loads((folder / "catalog.json").read_text("utf-8"))[
        "nodes"
    ].items():
        node = shown["nodes"][unique_id]
        grain = "One row" if node["resource_type"] == "model" else ""
        if not node["description"].startswith(grain) or not node["description"]:
            missing.append(node["name"])
        for column in relation["columns"]:
            if not node["columns"].get(column, {}).get("description"):
                missing.append(f"{node['name']}.{column}")
    assert missing == []
