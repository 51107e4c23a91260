"""The ratios the page computes under a filter, as models/metrics defines them."""

from __future__ import annotations

from typing import Any

import yaml

from scripts.places import PROJECT


def ratio_metrics() -> dict[str, dict[str, str]]:
    """Numerator and denominator of every ratio metric; both are names of metrics.

    One whose parts have filters of their own is left out: sums of the page cannot follow them.
    """
    parts = {
        metric["name"]: metric["type_params"]
        for file in sorted((PROJECT / "models" / "metrics").glob("*.yml"))
        for metric in yaml.safe_load(file.read_text(encoding="utf-8")).get("metrics", [])
        if metric["type"] == "ratio"
    }
    return {name: both for name, both in parts.items() if all_names(both)}


def all_names(parts: dict[str, Any]) -> bool:
    """Whether numerator and denominator are plain names."""
    return all(isinstance(part, str) for part in parts.values())
