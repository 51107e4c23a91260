"""Check what dbt itself lets pass: YAML keys, documented columns, the raw contract, knobs, macros.

    python scripts/check_yaml.py [--target-path target]

Reads the YAML files of the project and, from the target path, the manifest.json and catalog.json of
`dbt docs generate` on a built warehouse (an empty one will do: scripts/lint.py makes one). Prints
one line per problem and exits with 1 where there is any.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from collections.abc import Iterator
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft7Validator, ValidationError
from jsonschema.exceptions import best_match
from jsonschema.validators import extend

PROJECT = Path(__file__).resolve().parents[1]

# Folders that hold property files.
PROPERTY_FOLDERS = (
    "models",
    "python_models",
    "seeds",
    "snapshots",
    "macros",
    "tests",
    "analyses",
    "offline_packages/dbt_utils/macros",
    "offline_packages/dbt_expectations/macros",
)

# dbt ships two schemas of property files. latest.json is complete but describes metrics in a newer
# form than the one dbt-core 1.11 and MetricFlow read; 0.0.110.json has theirs.
RESOURCE_SCHEMA = "latest.json"
METRICS_SCHEMA = "0.0.110.json"
METRICS_SECTIONS = ("semantic_models", "metrics", "saved_queries")
PROJECT_SCHEMA = "0.0.110.json"

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

# Models whose columns are all documented. Base models repeat the columns of the raw contract.
FULLY_DOCUMENTED = re.compile(
    r"^(models/(staging/[^/]+$|intermediate/|marts/|metrics/)|python_models/|seeds/)"
)

JINJA = re.compile(r"^\s*\{\{.*\}\}\s*$", re.DOTALL)


# --- YAML keys ------------------------------------------------------------------------------------


def check_keys(project: Path) -> Iterator[str]:
    """Problems of the property files and dbt_project.yml with the JSON schemas dbt ships."""
    for path in property_files(project):
        name = path.relative_to(project).as_posix()
        content = read_yaml(path) or {}
        metrics = {key: content.pop(key) for key in METRICS_SECTIONS if key in content}
        yield from schema_problems(name, content, "resources", RESOURCE_SCHEMA)
        yield from schema_problems(name, metrics, "resources", METRICS_SCHEMA)
        yield from undescribed(name, metrics)
    content = read_yaml(project / "dbt_project.yml")
    yield from schema_problems("dbt_project.yml", content, "project", PROJECT_SCHEMA)


def undescribed(name: str, metrics: dict[str, Any]) -> Iterator[str]:
    """Metrics, what they are made of and looked at by, and saved queries without a description."""
    for section, items in metrics.items():
        for item in items:
            for part in [item, *item.get("dimensions", [])]:
                if not part.get("description") or not part.get("label"):
                    yield f"{name}: {section}[{part['name']}] has no label and description"


def property_files(project: Path) -> list[Path]:
    """The YAML files that describe resources, in order."""
    files: list[Path] = []
    for folder in PROPERTY_FOLDERS:
        files += (project / folder).rglob("*.yml")
        files += (project / folder).rglob("*.yaml")
    return sorted(files)


def read_yaml(path: Path) -> Any:
    """The content of a YAML file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def schema_problems(name: str, content: Any, kind: str, schema_file: str) -> Iterator[str]:
    """What a JSON schema of dbt finds wrong in the content of a file."""
    text = resources.files("dbt.jsonschemas").joinpath(kind, schema_file).read_text("utf-8")
    for error in schema_validator(json.loads(text)).iter_errors(without_jinja(content)):
        best = best_match([error])
        yield f"{name}: {readable_path(content, best)}: {best.message[:200]}"


def schema_validator(schema: dict[str, Any]) -> Draft7Validator:
    """A validator that takes a date for the string it is to dbt."""

    def type_rule(validator: Any, types: Any, instance: Any, rule: Any) -> Any:
        if isinstance(instance, date) and "string" in types:
            return None
        return Draft7Validator.VALIDATORS["type"](validator, types, instance, rule)

    return extend(Draft7Validator, {"type": type_rule})(schema)


def without_jinja(content: Any, in_config: bool = False) -> Any:
    """The content without configs that are one Jinja expression.

    The schema knows `enabled` only as a boolean, but dbt renders configs before it reads them.
    """
    if isinstance(content, list):
        return [without_jinja(value, in_config) for value in content]
    if not isinstance(content, dict):
        return content
    kept = {}
    for key, value in content.items():
        is_config = in_config or key == "config" or key.startswith("+")
        if not (is_config and isinstance(value, str) and JINJA.match(value)):
            kept[key] = without_jinja(value, is_config)
    return kept


def readable_path(content: Any, error: ValidationError) -> str:
    """Where an error is, with the names of list items: models[dim_dates].columns[date_day]."""
    path = ""
    for step in error.absolute_path:
        content = content[step]
        if isinstance(step, int):
            item = content.get("name", step) if isinstance(content, dict) else step
            path += f"[{item}]"
        else:
            path += f".{step}" if path else step
    return path or "top level"


# --- columns --------------------------------------------------------------------------------------


def check_columns(manifest: dict[str, Any], catalog: dict[str, Any]) -> Iterator[str]:
    """Documented columns that do not exist, and columns that should be documented."""
    for key, node in own_nodes(manifest):
        if node["resource_type"] not in ("model", "seed"):
            continue
        if key not in catalog["nodes"]:
            yield f"{node['original_file_path']}: not in the warehouse, so nothing could be checked"
            continue
        found = [column.lower() for column in catalog["nodes"][key]["columns"]]
        documented = [column["name"].lower() for column in node["columns"].values()]
        for column in documented:
            if column not in found:
                yield f"{where(node)}: {column} is documented but {node['name']} has no such column"
        if FULLY_DOCUMENTED.match(node["original_file_path"]):
            for column in found:
                if column not in documented:
                    yield f"{where(node)}: the column {node['name']}.{column} is not documented"


def own_nodes(manifest: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The nodes of this project, without those of packages."""
    project = manifest["metadata"]["project_name"]
    return [
        (key, node) for key, node in manifest["nodes"].items() if node["package_name"] == project
    ]


def where(node: dict[str, Any]) -> str:
    """The YAML file of a node, or its own file where it has none."""
    return (node.get("patch_path") or node["original_file_path"]).split("://")[-1]


# --- models, tests and macros ---------------------------------------------------------------------


def check_entries(manifest: dict[str, Any]) -> Iterator[str]:
    """Models and seeds without YAML, tests that do not say what they claim, readers of raw rows."""
    for _, node in own_nodes(manifest):
        path = node["original_file_path"]
        if node["resource_type"] in ("model", "seed") and not node["patch_path"]:
            yield f"{path}: {node['name']} has no entry in YAML"
        is_singular = node["resource_type"] == "test" and "test_metadata" not in node
        if is_singular and not (node["description"] or node["raw_code"].startswith("--")):
            yield f"{path}: the first line is no comment that says what the test claims"
        if node["resource_type"] == "model" and not RAW_READERS.match(path):
            for parent in node["depends_on"]["nodes"]:
                if parent.startswith("source.") or re.match(r"seed\.\w+\.raw_", parent):
                    yield f"{path}: reads {parent.split('.')[-1]}; only base models read raw rows"


def check_macros(manifest: dict[str, Any]) -> Iterator[str]:
    """Macros and arguments without a description. Dialects of a dispatched macro need none."""
    project = manifest["metadata"]["project_name"]
    macros = {
        macro["name"]: macro
        for macro in manifest["macros"].values()
        if macro["package_name"] == project
    }
    for name, macro in macros.items():
        if name.split("__", 1)[-1] in macros and "__" in name:
            continue
        path = macro["original_file_path"]
        if not macro["description"]:
            yield f"{path}: {name} has no entry with a description in _macros.yml"
            continue
        for argument in macro["arguments"]:
            if not argument["description"]:
                yield f"{where(macro)}: argument {argument['name']} of {name} is not documented"


# --- raw contract and knobs -----------------------------------------------------------------------


def check_raw_contract(project: Path) -> Iterator[str]:
    """Whether the contract, the seeds' YAML, the CSV headers and raw_entities agree."""
    contract_file = "models/sources/landed/_landed__sources.yml"
    content = read_yaml(project / contract_file)
    tables = {
        table["name"]: [column["name"] for column in table["columns"]]
        for table in content["sources"][0]["tables"]
    }
    seeds = {seed["name"]: seed for seed in content["seeds"]}
    macro = (project / "macros/raw/raw_contract.sql").read_text("utf-8")
    listed = re.findall(r"'(\w+)'", macro.split("macro raw_entities", 1)[-1])
    files = {path.stem for path in (project / "seeds/raw").glob("*.csv")}

    for other, names in {
        "the seeds of this file": set(seeds),
        "raw_entities()": {f"raw_{entity}" for entity in listed},
        "seeds/raw/*.csv": files,
    }.items():
        for name in sorted(names ^ set(tables)):
            yield f"{contract_file}: {name} is in only one of the sources and {other}"

    for name, columns in tables.items():
        seed = seeds.get(name, {})
        types = seed.get("config", {}).get("column_types", {})
        if seed and [column["name"] for column in seed["columns"]] != columns:
            yield f"{contract_file}: the seed {name} does not document the contract's columns"
        if seed and (list(types) != columns or set(types.values()) != {"text"}):
            yield f"{contract_file}: column_types of {name} must be text for {', '.join(columns)}"
        if name in files:
            with (project / f"seeds/raw/{name}.csv").open(encoding="utf-8", newline="") as file:
                header = next(csv.reader(file), [])
            if header != columns:
                yield f"seeds/raw/{name}.csv: the header must be {','.join(columns)}"


def check_knobs(project: Path) -> Iterator[str]:
    """Vars of dbt_project.yml that nothing checks and nobody exempted."""
    knobs = read_yaml(project / "dbt_project.yml")["vars"]
    macro = (project / "macros/knobs/check_knobs.sql").read_text("utf-8")
    for name in knobs:
        is_checked = re.search(rf"['\"]{name}['\"]", macro)
        if not is_checked and name not in KNOBS_WITHOUT_CHECK:
            yield f"dbt_project.yml: macros/knobs/check_knobs.sql does not check {name}"
    for name in KNOBS_WITHOUT_CHECK:
        if name not in knobs:
            yield f"scripts/check_yaml.py: KNOBS_WITHOUT_CHECK names {name}, which is no knob"


# --- command --------------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """Print every problem; 1 where there is any."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target-path", type=Path, default=PROJECT / "target")
    options = parser.parse_args(arguments)
    manifest = json.loads((options.target_path / "manifest.json").read_text("utf-8"))
    catalog = json.loads((options.target_path / "catalog.json").read_text("utf-8"))
    problems = [
        *check_keys(PROJECT),
        *check_raw_contract(PROJECT),
        *check_knobs(PROJECT),
        *check_entries(manifest),
        *check_macros(manifest),
        *check_columns(manifest, catalog),
    ]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
