"""Check what neither dbt nor dbt-bouncer can: metrics, raw rows, macros, the raw contract, knobs.

    python scripts/check_yaml.py [--target-path target]

Reads the manifest.json that `dbt parse` left in the target path, and YAML files of the project.
Prints one line per problem and exits with 1 where there is any.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[1]

# Knobs that check_knobs does not check, and why that is right.
KNOBS_WITHOUT_CHECK = {
    "raw_path": "check_raw names what it does not find there",
    "file_encoding": "ingest/options.py checks it before anything is read",
    "file_delimiter": "ingest/options.py checks it before anything is read",
    "file_quote": "ingest/options.py checks it before anything is read",
    "file_sheet": "ingest/options.py checks it before anything is read",
    "raw_schema": "check_raw names what it does not find there",
    "source_entities": "not a knob but a list of what models/sources offers",
    "missing_order_status": "any text is a status; one that sale_statuses omits is no sale",
}

# Models that may read raw rows: seeds named raw_ and sources.
RAW_READERS = re.compile(r"^models/(staging/base/|sources/|marts/quality/row_reconciliation\.sql$)")


def check_metrics(manifest: dict[str, Any]) -> Iterator[str]:
    """Metrics, what they are made of and looked at by, and saved queries without a description."""
    for section in ("semantic_models", "metrics", "saved_queries"):
        for item in manifest[section].values():
            path = item["original_file_path"]
            for part in [item, *item.get("dimensions", [])]:
                if not part.get("description") or not part.get("label"):
                    yield f"{path}: {part['name']} lacks a label or description"


def check_nodes(manifest: dict[str, Any]) -> Iterator[str]:
    """Tests that do not say what they claim, and models that read raw rows though not theirs to."""
    for node in manifest["nodes"].values():
        path = node["original_file_path"]
        if node["package_name"] != manifest["metadata"]["project_name"]:
            continue
        is_singular = node["resource_type"] == "test" and "test_metadata" not in node
        if is_singular and not (node["description"] or node["raw_code"].startswith("--")):
            yield f"{path}: the first line is no comment that says what the test claims"
        if node["resource_type"] == "model" and not RAW_READERS.match(path):
            for parent in node["depends_on"]["nodes"]:
                if parent.startswith("source.") or re.match(r"seed\.\w+\.raw_", parent):
                    yield f"{path}: reads {parent.split('.')[-1]}; only base models read raw rows"


def check_macros(manifest: dict[str, Any]) -> Iterator[str]:
    """Macros and arguments without a description.

    Implementations of a dispatched macro for one engine need none; dbt-bouncer, which leaves out
    whole files only, cannot tell them from the macro they implement.
    """
    project = manifest["metadata"]["project_name"]
    found = [macro for macro in manifest["macros"].values() if macro["package_name"] == project]
    names = {macro["name"] for macro in found}
    for macro in found:
        name, path = macro["name"], macro["original_file_path"]
        if "__" in name and name.split("__", 1)[1] in names:
            continue
        if not macro["description"]:
            yield f"{path}: {name} has no entry with a description in _macros.yml"
        for argument in macro["arguments"] if macro["description"] else []:
            if not argument["description"]:
                yield f"{path}: argument {argument['name']} of {name} is not documented"


def check_raw_contract(project: Path) -> Iterator[str]:
    """Whether the contract, the seeds beside it and raw_entities agree."""
    contract_file = "models/sources/landed/_landed__sources.yml"
    content = yaml.safe_load((project / contract_file).read_text("utf-8"))
    tables = {
        table["name"]: [column["name"] for column in table["columns"]]
        for table in content["sources"][0]["tables"]
    }
    seeds = {seed["name"]: seed for seed in content["seeds"]}
    macro = (project / "macros/raw/raw_contract.sql").read_text("utf-8")
    listed = re.findall(r"'(\w+)'", macro.split("macro raw_entities", 1)[-1])
    entities = {f"raw_{entity}" for entity in listed}
    for other, names in {"the seeds": set(seeds), "raw_entities()": entities}.items():
        for name in sorted(names ^ set(tables)):
            yield f"{contract_file}: {name} is in only one of the sources and {other}"
    for name in sorted(set(seeds) & set(tables)):
        columns, types = tables[name], seeds[name]["config"]["column_types"]
        if [column["name"] for column in seeds[name]["columns"]] != columns:
            yield f"{contract_file}: the seed {name} does not document the contract's columns"
        if list(types) != columns or set(types.values()) != {"text"}:
            yield f"{contract_file}: column_types of {name} must be text for {', '.join(columns)}"


def check_knobs(project: Path) -> Iterator[str]:
    """Vars of dbt_project.yml that nothing checks and nobody exempted."""
    knobs = yaml.safe_load((project / "dbt_project.yml").read_text("utf-8"))["vars"]
    macro = (project / "macros/knobs/check_knobs.sql").read_text("utf-8")
    for name in knobs:
        is_checked = re.search(rf"['\"]{name}['\"]", macro)
        if not is_checked and name not in KNOBS_WITHOUT_CHECK:
            yield f"dbt_project.yml: macros/knobs/check_knobs.sql does not check {name}"
    for name in KNOBS_WITHOUT_CHECK:
        if name not in knobs:
            yield f"scripts/check_yaml.py: KNOBS_WITHOUT_CHECK names {name}, which is no knob"


def main(arguments: list[str] | None = None) -> int:
    """Print every problem; 1 where there is any."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target-path", type=Path, default=PROJECT / "target")
    options = parser.parse_args(arguments)
    manifest = json.loads((options.target_path / "manifest.json").read_text("utf-8"))
    problems = [
        *check_metrics(manifest),
        *check_nodes(manifest),
        *check_macros(manifest),
        *check_raw_contract(PROJECT),
        *check_knobs(PROJECT),
    ]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
