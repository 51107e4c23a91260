"""Every guard of `make lint` can fail: each test breaks one thing and expects to read about it."""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import check_yaml
import lint
import pytest
import yaml
from warehouse import PROJECT

BIN = Path(sys.executable).parent
SETTINGS = yaml.safe_load((PROJECT / "dbt_project.yml").read_text("utf-8"))
MODELS_FILE = "models/staging/_staging__models.yml"

Manifest = dict[str, Any]

# A project small enough to break and parse in seconds, in the folders of this one.
TINY_PROJECT = {
    "dbt_project.yml": f"""
name: tiny
version: "0.1.0"
config-version: 2
profile: tiny
flags: {json.dumps(SETTINGS["flags"])}
models: {{+persist_docs: {SETTINGS["models"][SETTINGS["name"]]["+persist_docs"]}}}
seeds: {{+persist_docs: {SETTINGS["seeds"][SETTINGS["name"]]["+persist_docs"]}}}
""",
    "profiles.yml": """
tiny:
  target: duckdb
  outputs:
    duckdb: {type: duckdb, path: tiny.duckdb}
""",
    "seeds/raw/raw_orders.csv": "order_id\nO1\n",
    "seeds/raw/_raw__seeds.yml": """
version: 2
seeds:
  - name: raw_orders
    description: One row per order.
    config: {column_types: {order_id: text}}
    columns: [{name: order_id, data_type: text}]
""",
    "macros/_macros.yml": """
version: 2
macros:
  - name: clean
    description: Text without blanks around it.
    arguments:
      - {name: column, type: string, description: SQL expression of a text.}
""",
    "macros/clean.sql": "{% macro clean(column) %}trim({{ column }}){% endmacro %}",
    "models/staging/base/base_orders.sql": (
        "select {{ clean('order_id') }} as order_id from {{ ref('raw_orders') }}\n"
    ),
    "models/staging/base/_base__models.yml": """
version: 2
models:
  - name: base_orders
    description: One row per raw row of orders.
""",
    "models/staging/stg_orders.sql": "select order_id from {{ ref('base_orders') }}\n",
    MODELS_FILE: """
version: 2
models:
  - name: stg_orders
    description: One row per order, whatever became of it.
    columns:
      - name: order_id
        description: Key of the order.
        data_tests: [unique, not_null]
""",
}


def write_tiny_project(folder: Path) -> Path:
    """Write the tiny project into a folder."""
    for name, text in TINY_PROJECT.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """The tiny project, sound."""
    return write_tiny_project(tmp_path)


@pytest.fixture(scope="session")
def sound_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny project, built and documented."""
    return document(write_tiny_project(tmp_path_factory.mktemp("tiny")))


@pytest.fixture
def manifest(sound_folder: Path) -> Manifest:
    """Manifest of the tiny project, to be broken."""
    return json.loads((sound_folder / "target" / "manifest.json").read_text("utf-8"))


def document(folder: Path) -> Path:
    """Build a project and write its catalog."""
    for command in (["build", "--exclude-resource-type", "test"], ["docs", "generate"]):
        run = dbt(folder, *command)
        assert run.returncode == 0, run.stdout
    return folder


def dbt(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run dbt in a folder."""
    return run_tool("dbt", *arguments, folder=folder)


def run_tool(tool: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a tool of this environment in a folder; a failure is the test's to judge."""
    environment = {**os.environ, "DBT_PROFILES_DIR": str(folder), "COLUMNS": "160"}
    for name in ("DBT_TARGET_PATH", "DBT_LOG_PATH"):
        environment.pop(name, None)
    environment["DBT_PROJECT_DIR"] = str(folder)
    return subprocess.run(
        [str(BIN / tool), *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def replace(path: Path, old: str, new: str) -> None:
    """Put another text into a file."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


# --- dbt, with what `make lint` adds to it --------------------------------------------------------


def parse(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Parse a project as `make lint` does."""
    command = ("-c", lint.DBT_CHECKING_KEYS, *options, "parse", "--no-partial-parse")
    return run_tool("python", *command, folder=folder)


BROKEN_KEYS = [
    (MODELS_FILE, "description: Key", "descripton: Key", "descripton"),
    (MODELS_FILE, "data_tests:", "datatests:", "datatests"),
    (MODELS_FILE, "    columns:", "    config: {materialzed: table}\n    columns:", "materialzed"),
    ("models/staging/base/_base__models.yml", "models:", "modles:", "modles"),
    (
        "models/staging/stg_orders.sql",
        "select",
        "{{ config(persit_docs={}) }} select",
        "persit_docs",
    ),
    ("macros/_macros.yml", "arguments:", "args:", "args"),
    ("seeds/raw/_raw__seeds.yml", "column_types", "colum_types", "colum_types"),
    ("dbt_project.yml", "models: {+", "models: {+materialzed: view, +", "+materialzed"),
]


def test_misspelt_keys_are_found(tiny: Path) -> None:
    """A sound project passes; each misspelt key is named, and one is enough to fail."""
    jinja = "config: {enabled: \"{{ target.type == 'duckdb' }}\"}"
    replace(tiny / MODELS_FILE, "    columns:", f"    {jinja}\n    columns:")
    assert parse(tiny, "--warn-error").returncode == 0
    write_tiny_project(tiny)
    for file, old, new, _ in BROKEN_KEYS:
        replace(tiny / file, old, new)
    found = " ".join(parse(tiny, "--show-all-deprecations").stdout.split())
    for _, _, _, key in BROKEN_KEYS:
        assert re.search(rf"(Custom|top-level) key `?{re.escape(key)}\b", found), (key, found)
    assert parse(tiny, "--warn-error").returncode != 0


def test_macro_argument_that_does_not_match(tiny: Path) -> None:
    replace(tiny / "macros/_macros.yml", "name: column", "name: colum")
    run = parse(tiny, "--warn-error")
    assert run.returncode != 0
    assert "Argument colum in yaml for macro clean does not match" in run.stdout


@pytest.mark.parametrize(
    ("file", "name"),
    [(MODELS_FILE, "stg_orders"), ("seeds/raw/_raw__seeds.yml", "raw_orders")],
)
def test_documented_column_that_does_not_exist(tiny: Path, file: str, name: str) -> None:
    replace(tiny / file, "name: order_id", "name: order_key")
    run = dbt(tiny, "--warn-error", "build", "--empty", "--exclude-resource-type", "test")
    assert run.returncode != 0
    assert re.search(rf'"{name}": The following columns .* not present .*: order_key', run.stdout)


# --- scripts/check_yaml.py ------------------------------------------------------------------------


def test_sound_manifest_passes(manifest: Manifest) -> None:
    assert list(check_yaml.check_metrics(manifest)) == []
    assert list(check_yaml.check_nodes(manifest)) == []
    assert list(check_yaml.check_macros(manifest)) == []


def test_metric_without_description_is_found(manifest: Manifest) -> None:
    metric = {"name": "orders", "label": "Orders", "original_file_path": "models/_metrics.yml"}
    manifest["metrics"]["metric.tiny.orders"] = metric
    (problem,) = check_yaml.check_metrics(manifest)
    assert problem == "models/_metrics.yml: orders lacks a label or description"
    metric["description"] = "Orders placed."
    metric["dimensions"] = [{"name": "country", "description": "Where it goes."}]
    (problem,) = check_yaml.check_metrics(manifest)
    assert problem == "models/_metrics.yml: country lacks a label or description"


@pytest.mark.parametrize("parent", ["seed.tiny.raw_orders", "source.tiny.landed.raw_orders"])
def test_raw_rows_read_past_the_base_models(manifest: Manifest, parent: str) -> None:
    manifest["nodes"]["model.tiny.stg_orders"]["depends_on"]["nodes"].append(parent)
    (problem,) = check_yaml.check_nodes(manifest)
    assert "stg_orders.sql: reads raw_orders" in problem


def test_singular_test_that_claims_nothing(manifest: Manifest) -> None:
    node = copy.deepcopy(manifest["nodes"]["model.tiny.stg_orders"])
    node |= {"resource_type": "test", "description": "", "raw_code": "select 1"}
    manifest["nodes"]["test.tiny.claim"] = node
    (problem,) = check_yaml.check_nodes(manifest)
    assert "says what the test claims" in problem


def test_macro_without_description(manifest: Manifest) -> None:
    macro = manifest["macros"]["macro.tiny.clean"]
    macro["description"] = ""
    (problem,) = check_yaml.check_macros(manifest)
    assert "macros/clean.sql: clean has no entry" in problem
    manifest["macros"]["macro.tiny.trim"] = {**macro, "name": "trim"}
    macro["name"] = "duckdb__trim"  # an implementation of trim, which lacks one, too
    (problem,) = check_yaml.check_macros(manifest)
    assert "trim has no entry" in problem


def test_macro_argument_without_description(manifest: Manifest) -> None:
    manifest["macros"]["macro.tiny.clean"]["arguments"][0]["description"] = ""
    (problem,) = check_yaml.check_macros(manifest)
    assert "argument column of clean is not documented" in problem


CONTRACT = "models/sources/landed/_landed__sources.yml"


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    """A copy of what states the raw contract and the knobs."""
    for name in (
        CONTRACT,
        "macros/raw/raw_contract.sql",
        "macros/knobs/check_knobs.sql",
        "dbt_project.yml",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, tmp_path / name)
    return tmp_path


def test_sound_contract_passes(contract: Path) -> None:
    assert list(check_yaml.check_raw_contract(contract)) == []
    assert list(check_yaml.check_knobs(contract)) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            CONTRACT,
            "        clicks: text",
            "        clicks: integer",
            "column_types of raw_marketing",
        ),
        (CONTRACT, "columns: *orders_columns", "columns: []", "raw_orders does not document"),
        (CONTRACT, "- name: raw_reviews", "- name: raw_review", "raw_review is in only one"),
        ("macros/raw/raw_contract.sql", "'refunds', ", "", "raw_refunds is in only one"),
    ],
)
def test_contract_that_disagrees(
    contract: Path, file: str, old: str, new: str, message: str
) -> None:
    path = contract / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    assert any(message in problem for problem in check_yaml.check_raw_contract(contract))


def test_knob_that_nothing_checks(contract: Path) -> None:
    replace(contract / "dbt_project.yml", "vars:\n", "vars:\n  new_knob: 1\n")
    (problem,) = check_yaml.check_knobs(contract)
    assert problem.endswith("does not check new_knob")


def test_exempted_knob_that_is_gone(contract: Path) -> None:
    replace(contract / "dbt_project.yml", "  raw_schema: landed\n", "")
    (problem,) = check_yaml.check_knobs(contract)
    assert "raw_schema, which is no knob" in problem


# --- dbt-bouncer, sqlfluff, ruff, with the project's own settings ---------------------------------


def bounce(project: Path) -> tuple[int, str]:
    """Exit code and report of dbt-bouncer on a parsed project, under this project's rules."""
    rules = str(PROJECT / "dbt-bouncer.yml")
    run = run_tool(
        "dbt-bouncer", "run", "--show-all-failures", "--config-file", rules, folder=project
    )
    return run.returncode, run.stdout


def test_dbt_bouncer_rules_can_fail(sound_folder: Path, tiny: Path) -> None:
    """Sound, the tiny project passes; then one break per kind of rule is found."""
    pytest.importorskip("dbt_bouncer", reason="dbt-bouncer needs Python 3.11")
    exit_code, report = bounce(sound_folder)
    assert exit_code == 0, report
    core = tiny / "models" / "marts" / "core"
    core.mkdir(parents=True)
    (core / "orders.sql").write_text("select order_id from {{ ref('base_orders') }}\n")
    (core / "_core__models.yml").write_text(
        "version: 2\nmodels: [{name: orders, description: Orders of the shop and what they hold}]\n"
    )
    reviews = "{{ config(materialized='ephemeral') }} select * from {{ ref('stg_orders') }}\n"
    (tiny / "models/staging/stg_reviews.sql").write_text(reviews)
    replace(tiny / MODELS_FILE, "description: Key of the order.", 'description: ""')
    replace(tiny / "models/staging/stg_orders.sql", "order_id", "order_id, 1 as new_column")
    (tiny / "seeds/raw/raw_orders.csv").write_text("order_id,status\nO1,paid\n")
    (tiny / "seeds/raw/raw_lost.csv").write_text("lost_id\nL1\n")
    document(tiny)
    exit_code, report = bounce(tiny)
    assert exit_code == 1
    for rule, model in [
        ("check_model_names", "orders"),
        ("check_lineage_permitted_upstream_models", "orders"),
        ("check_lineage_permitted_upstream_models", "stg_reviews"),
        ("check_model_description_contains_regexp_pattern", "orders"),
        ("check_model_has_properties_file", "stg_reviews"),
        ("check_model_has_unique_test", "orders"),
        ("check_model_has_contracts_enforced", "orders"),
        ("check_model_column_description_populated", "stg_orders"),
        ("check_model_materialization_permitted", "stg_reviews"),
        ("check_seed_description_populated", "raw_lost"),
        ("check_columns_are_all_documented", "stg_orders"),
        ("check_seed_columns_are_all_documented", "raw_orders"),
    ]:
        found = [line for line in report.splitlines() if rule in line and f":{model} " in line]
        assert found, f"{rule} did not find {model}:\n{report}"


def test_sqlfluff_rules_can_fail(tmp_path: Path) -> None:
    settings = (PROJECT / ".sqlfluff").read_text("utf-8")
    (tmp_path / ".sqlfluff").write_text(settings.replace("templater = dbt", "templater = raw"))
    good = "select\n    orders.order_id,\n    orders.status as order_status\nfrom orders\n"
    (tmp_path / "good.sql").write_text(good)
    assert run_tool("sqlfluff", "lint", "good.sql", folder=tmp_path).returncode == 0
    bad = "SELECT orders.order_id, orders.status state\nfrom orders join items i using (order_id)\n"
    (tmp_path / "bad.sql").write_text(bad)
    run = run_tool("sqlfluff", "lint", "bad.sql", folder=tmp_path)
    assert run.returncode == 1
    for rule in ("CP01", "AL01", "AL02", "AM05"):
        assert rule in run.stdout, run.stdout


def test_long_line_of_sql_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "wide.sql").write_text(f"-- {'x' * 97}\n-- {'x' * 98}\n")
    assert lint.long_lines() == "models/wide.sql:2: 101 characters, not 100\n"


def test_ruff_rules_can_fail(tmp_path: Path) -> None:
    shutil.copy(PROJECT / "ruff.toml", tmp_path)
    (tmp_path / "bad.py").write_text("import os\n\n\ndef f(x=[]):\n    return x\n")
    run = run_tool("ruff", "check", "--no-cache", folder=tmp_path)
    assert run.returncode == 1
    for rule in ("D100", "F401", "B006", "ANN201"):
        assert rule in run.stdout, run.stdout
