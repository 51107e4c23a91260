"""The pages of the dashboard as pages.yml describes them, with their charts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from dashboard.charts import CHARTS
from dashboard.ratios import ratio_metrics

OPTIONAL = {
    "follows": [],
    "group": [],
    "sums": [],
    "ratios": [],
    "columns": [],
    "wide": False,
    "search": False,
}
REQUIRED = {"id", "title", "marts", "definition", "data", "empty"}


def pages() -> list[dict[str, Any]]:
    """Every page with its items, each complete."""
    text = (Path(__file__).parent / "pages.yml").read_text(encoding="utf-8")
    return [
        {**page, "items": [complete(item) for item in page["items"]]}
        for page in yaml.safe_load(text)
    ]


def complete(item: dict[str, Any]) -> dict[str, Any]:
    """An item with every key the page's code asks for."""
    wrong = (item.keys() ^ REQUIRED) - OPTIONAL.keys() - {"kind"}
    if wrong:
        raise KeyError(f"pages.yml, item {item.get('id')}: missing or unknown {sorted(wrong)}")
    kind = item.get("kind") or ("table" if "columns" in item else "chart")
    columns = [
        {"key": key, "label": label, "format": kind_of_value}
        for key, label, kind_of_value in item.get("columns", [])
    ]
    spec = CHARTS[item["id"]]() if kind == "chart" else None
    definition = item["definition"].strip()
    own = {"kind": kind, "definition": definition, "columns": columns, "spec": spec}
    return {**OPTIONAL, **item, **own}


def ratios_of(pages: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """The definitions of the ratio metrics that items show."""
    defined = ratio_metrics()
    shown = {name for page in pages for item in page["items"] for name in item["ratios"]}
    if unknown := shown - defined.keys():
        raise KeyError(f"pages.yml: no plain ratio of models/metrics is called {sorted(unknown)}")
    return {name: defined[name] for name in sorted(shown)}


def marts_named() -> set[str]:
    """Names of the marts that items name."""
    return {mart for page in pages() for item in page["items"] for mart in item["marts"]}
