"""Every macro and generic test of offline_packages/, proven on DuckDB and on PostgreSQL.

A small dbt project uses each of them in passing and failing ways. dbt builds it once per engine,
and the failing rows it counts must be the expected ones. The stand-ins must also be just the
macros that the analytics project calls.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
import pytest
import yaml
from jinja2 import Environment
from postgres_server import PostgresTarget, running_postgres

ROOT = Path(__file__).parents[2]
OFFLINE_PACKAGES = ROOT / "offline_packages"
ERROR = "error"
PACKAGE_MACRO = r"\bdbt_(?:utils|expectations)\.\w+"

MODELS = {
    "people": """
        select *, cast(null as varchar(9)) as nothing
        from (
            values
            (1, 'a', 1, 10.0, 'Ada', 'A-1', 0, 1, cast('2024-01-01' as date), 'x'),
            (2, 'a', 1, 20.0, 'Bob', 'A-2', 1, 2, cast('2024-01-02' as date), 'x'),
            (3, 'b', 2, 30.0, ' ', 'B-3', 2, 3, cast('2024-01-03' as date), 'x'),
            (4, 'b', 2, null, null, null, 4, 5, cast('2024-01-05' as date), null)
        ) as listed (id, team, "group", score, name, code, starts, ends, day, same)
    """,
    "others": """
        select * from (
            values ('a'), ('a'), ('b'), ('b'), ('c')
        ) as listed (team)
    """,
    # An error keeps dbt from building what follows: the tests expected to end in one go here.
    "unread": "select id, starts, ends, score from {{ ref('people') }}",
    "surrogate_keys": """
        select
            id,
            {{ dbt_utils.generate_surrogate_key(['id', 'name', 'nothing']) }} as person_key
        from {{ ref('people') }}
    """,
    "days": """
        select cast(date_day as date) as day
        from (
            {{ dbt_utils.date_spine(
                'day', "cast('2024-02-28' as date)", "cast('2024-03-02' as date)"
            ) }}
        ) as spine
    """,
}


@dataclass(frozen=True)
class Case:
    """One use of a generic test: `failures` rows, or a message instead of SQL, are expected."""

    test: str
    failures: int | str
    arguments: dict[str, Any] = field(default_factory=dict)
    column: str | None = None
    model: str = "people"
    where: str | None = None


def utils(test: str, failures: int | str, column: str | None = None, **options: Any) -> Case:
    """A case of a dbt_utils test; options are its arguments, or `model` and `where`."""
    return _case("dbt_utils", test, failures, column, options)


def expect(test: str, failures: int | str, column: str | None = None, **options: Any) -> Case:
    """A case of a dbt_expectations test, named without its leading `expect_`."""
    return _case("dbt_expectations", f"expect_{test}", failures, column, options)


def _case(
    package: str, test: str, failures: int | str, column: str | None, options: dict[str, Any]
) -> Case:
    model = options.pop("model", "unread" if failures == ERROR else "people")
    where = options.pop("where", None)
    return Case(f"{package}.{test}", failures, options, column, model, where)


OTHERS = "ref('others')"
PEOPLE = "ref('people')"

CASES = [
    utils("accepted_range", 0, "score", min_value=10, max_value=30),
    utils("accepted_range", 2, "score", min_value=10, max_value=30, inclusive=False),
    utils("accepted_range", 3, "score", max_value="starts"),
    utils("accepted_range", 1, "score", min_value=15, where="team = 'a'"),
    utils("accepted_range", 0, "score", min_value=15, where="team = 'b'"),
    utils("accepted_range", ERROR, "score"),
    utils("unique_combination_of_columns", 0, combination_of_columns=["team", "name"]),
    utils("unique_combination_of_columns", 1, combination_of_columns=["team", "same"]),
    utils("unique_combination_of_columns", 1, combination_of_columns=["nothing"]),
    utils(
        "unique_combination_of_columns", 0, combination_of_columns=["team"], where="id in (1, 3)"
    ),
    utils("unique_combination_of_columns", 2, combination_of_columns=["group"], quote_columns=True),
    utils("expression_is_true", 0, expression="ends > starts"),
    utils("expression_is_true", 1, expression="score > 15"),
    utils("expression_is_true", 0, expression="score > 15", where="id > 1"),
    utils("expression_is_true", 1, "id", expression=">= 2"),
    *(
        utils(
            "mutually_exclusive_ranges",
            failures,
            lower_bound_column="starts",
            upper_bound_column=upper,
            **options,
        )
        for failures, upper, options in [
            (0, "ends", {}),
            (1, "ends", {"gaps": "not_allowed"}),
            (0, "ends", {"gaps": "not_allowed", "where": "id < 4"}),
            (2, "ends", {"gaps": "required"}),
            (0, "ends", {"gaps": "required", "where": "id in (1, 3)"}),
            (ERROR, "ends", {"gaps": "sometimes"}),
            (2, "starts + 2", {}),
            (1, "starts + 2", {"partition_by": "team"}),
            (4, "starts", {}),
            (0, "starts", {"zero_length_range_allowed": True}),
            (1, "nullif(ends, 5)", {}),
        ]
    ),
    utils("sequential_values", 0, "id"),
    utils("sequential_values", 3, "id", interval=2),
    utils("sequential_values", 1, "starts"),
    utils("sequential_values", 1, "starts", group_by_columns=["team"]),
    utils("sequential_values", 0, "id", group_by_columns=["team"]),
    utils("sequential_values", 1, "day", datepart="day"),
    utils("sequential_values", 0, "day", datepart="hour", interval=24, where="id < 4"),
    utils("sequential_values", 1, "score", interval=10),
    expect("column_values_to_match_regex", 0, "code", regex="^[AB]-[0-9]$"),
    expect("column_values_to_match_regex", 0, "code", regex=r"-\d", is_raw=True),
    expect("column_values_to_match_regex", 1, "code", regex="A"),
    expect("column_values_to_match_regex", 0, "code", regex="A", row_condition="id = 1 or id = 2"),
    expect("column_values_to_match_regex", 3, "code", regex="^a"),
    expect("column_values_to_match_regex", 1, "code", regex="^a", flags="i"),
    expect("compound_columns_to_be_unique", 0, column_list=["id", "team"]),
    expect("compound_columns_to_be_unique", 1, column_list=["team", "same"]),
    expect(
        "compound_columns_to_be_unique", 0, column_list=["team", "same"], row_condition="id > 1"
    ),
    expect("compound_columns_to_be_unique", 1, column_list=["same", "nothing"]),
    expect(
        "compound_columns_to_be_unique",
        0,
        column_list=["nothing"],
        row_condition="id = 1 or id > 2",
    ),
    expect(
        "compound_columns_to_be_unique",
        0,
        column_list=["same", "nothing"],
        ignore_row_if="any_value_is_missing",
    ),
    expect("compound_columns_to_be_unique", 2, column_list=["group"], quote_columns=True),
    expect("compound_columns_to_be_unique", ERROR, column_list=["id"], ignore_row_if="never"),
    expect("column_pair_values_A_to_be_greater_than_B", 0, column_A="score", column_B="starts"),
    expect("column_pair_values_A_to_be_greater_than_B", 4, column_A="starts", column_B="ends"),
    expect("column_pair_values_A_to_be_greater_than_B", 4, column_A="id", column_B="id"),
    expect(
        "column_pair_values_A_to_be_greater_than_B",
        0,
        column_A="id",
        column_B="id",
        or_equal=True,
    ),
    expect(
        "column_pair_values_A_to_be_greater_than_B",
        1,
        column_A="starts",
        column_B="ends",
        row_condition="id = 1 and team = 'a'",
    ),
    expect("table_row_count_to_be_between", 0, min_value=4, max_value=4),
    expect("table_row_count_to_be_between", 1, min_value=4, strictly=True),
    expect("table_row_count_to_be_between", 2, min_value=3, group_by=["team"]),
    expect("table_row_count_to_be_between", 0, max_value=3, row_condition="id > 1"),
    expect("table_row_count_to_be_between", ERROR),
    expect("table_row_count_to_equal", 0, value=4),
    expect("table_row_count_to_equal", 1, value=5),
    expect("table_row_count_to_equal", 2, value=1, group_by=["team"]),
    expect("table_row_count_to_equal", 0, value=1, group_by=["team"], row_condition="id in (1, 3)"),
]
CASE_NAMES = {
    f"case_{number:03}_{case.test.split('.')[1]}": case for number, case in enumerate(CASES)
}


@dataclass(frozen=True)
class Build:
    """What one dbt build left behind: failing rows (or `error`) per case, and its database."""

    outcomes: dict[str, int | str]
    output: dict[str, Any]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The result of a query on the tables that dbt built."""
        with closing(self._connect()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    def _connect(self) -> Any:
        if self.output["type"] == "duckdb":
            return duckdb.connect(self.output["path"])
        return psycopg2.connect(**{key: self.output[key] for key in PostgresTarget.__annotations__})


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def build(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Build]:
    """The project, built by dbt on one engine."""
    project = tmp_path_factory.mktemp(request.param)
    output: dict[str, Any] = {"type": request.param, "schema": "main"}
    with ExitStack() as stack:
        if request.param == "duckdb":
            output |= {"path": str(project / "warehouse.duckdb"), "threads": 1}
        else:
            output |= {**stack.enter_context(running_postgres()), "threads": 4}
        _write_project(project, output)
        yield Build(_run_dbt(project), output)


def _write_project(project: Path, output: dict[str, Any]) -> None:
    """A dbt project with the models, a test per case, and the packages in place."""
    shutil.copytree(OFFLINE_PACKAGES, project / "dbt_packages")
    (project / "models").mkdir()
    for name, sql in MODELS.items():
        (project / "models" / f"{name}.sql").write_text(sql)
    _write_yaml(project / "models" / "schema.yml", {"version": 2, "models": _model_tests()})
    _write_yaml(
        project / "profiles.yml",
        {"offline": {"target": "test", "outputs": {"test": output}}},
    )
    _write_yaml(
        project / "dbt_project.yml",
        {
            "name": "offline",
            "profile": "offline",
            "models": {"+materialized": "table"},
            # Warnings, as a failed test would keep dbt from building what depends on its model.
            "data_tests": {"+severity": "warn"},
            "flags": {
                "validate_macro_args": True,
                "require_generic_test_arguments_property": True,
                "send_anonymous_usage_stats": False,
                "warn_error_options": {"error": "all", "warn": ["LogTestResult"]},
            },
        },
    )


def _write_yaml(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content))


def _model_tests() -> list[dict[str, Any]]:
    """The `models` entry of the project's YAML, with every case on its model or column."""
    models = {name: {"name": name, "data_tests": [], "columns": {}} for name in MODELS}
    for name, case in CASE_NAMES.items():
        test: dict[str, Any] = {"name": name, "arguments": case.arguments}
        if case.where:
            test["config"] = {"where": case.where}
        model = models[case.model]
        if case.column is None:
            tests = model["data_tests"]
        else:
            column = {"name": case.column, "data_tests": []}
            tests = model["columns"].setdefault(case.column, column)["data_tests"]
        tests.append({case.test: test})
    return [{**model, "columns": list(model["columns"].values())} for model in models.values()]


def _run_dbt(project: Path) -> dict[str, int | str]:
    """Build the project; the number of failing rows, or `error`, of every test."""
    command = [str(Path(sys.executable).with_name("dbt")), "build"]
    command += ["--project-dir", str(project), "--profiles-dir", str(project)]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DBT_")}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
    results_file = project / "target" / "run_results.json"
    assert results_file.exists(), done.stdout + done.stderr

    outcomes: dict[str, int | str] = {}
    for result in json.loads(results_file.read_text())["results"]:
        kind, _, name = result["unique_id"].split(".")[:3]
        if kind == "test":
            outcomes[name] = ERROR if result["status"] == "error" else result["failures"]
        else:
            assert result["status"] == "success", result["message"]
    return outcomes


def test_each_generic_test_counts_the_failing_rows(build: Build) -> None:
    """Every case, passing, failing or refused, ends as listed."""
    assert build.outcomes == {name: case.failures for name, case in CASE_NAMES.items()}


def test_surrogate_keys_are_md5_of_the_joined_values(build: Build) -> None:
    """Values are joined by dashes and nulls have a marker."""
    null = "_dbt_utils_surrogate_key_null_"
    values = {1: f"1-Ada-{null}", 2: f"2-Bob-{null}", 3: f"3- -{null}", 4: f"4-{null}-{null}"}
    expected = {key: hashlib.md5(text.encode()).hexdigest() for key, text in values.items()}
    assert dict(build.rows("select id, person_key from main.surrogate_keys")) == expected


def test_date_spine_leaves_out_its_end(build: Build) -> None:
    """The spine crosses a leap day and stops before the end date."""
    days = [datetime.date(2024, 2, 28), datetime.date(2024, 2, 29), datetime.date(2024, 3, 1)]
    assert build.rows("select day from main.days order by day") == [(day,) for day in days]


def test_every_macro_is_covered() -> None:
    """Each macro file is a tested one or a helper that a tested one calls, and none is missing."""
    files = {
        f"{path.parents[1].name}.{path.stem}": path.read_text()
        for path in OFFLINE_PACKAGES.glob("*/macros/*.sql")
    }
    called = _calls("".join(MODELS.values())) | {case.test for case in CASES}
    covered: set[str] = set()
    while called - covered:
        name = (called - covered).pop()
        covered.add(name)
        called |= _calls(files.get(name, ""))
    assert covered == set(files)


@pytest.mark.parametrize("test", sorted({case.test for case in CASES}))
def test_every_generic_test_is_seen_to_pass_and_to_fail(test: str) -> None:
    """One passing and one failing use at least."""
    failures = {case.failures for case in CASES if case.test == test} - {ERROR}
    assert 0 in failures
    assert failures > {0}


def test_the_project_calls_every_stand_in() -> None:
    """A public macro or test that nothing calls any more is to be deleted."""
    assert _public_stand_ins() - _project_calls(ROOT) == set()


def test_every_package_macro_called_has_a_stand_in() -> None:
    """Helpers do not count: the packages on the dbt hub do not have them."""
    assert _project_calls(ROOT) - _public_stand_ins() == set()


def test_calls_are_found_in_jinja_and_yaml_but_not_in_prose(tmp_path: Path) -> None:
    """The two tests above see what dbt would run, and neither comments nor descriptions."""
    files = {
        "dbt_project.yml": """
            model-paths: [models]
            test-paths: [checks]
            on-run-end: "{{ dbt_utils.hooked() }}"
        """,
        "models/shop/orders.sql": """
            -- dbt_utils.in_sql_comment('id')
            {# dbt_utils.in_jinja_comment('id') #}
            {% set spine = dbt_utils.in_statement({'a': {'b': 1}}) %}
            select {{ dbt_expectations.in_expression(['id']) }}
        """,
        "models/_models.yml": """
            # - dbt_utils.in_yaml_comment
            models:
            - name: orders
              description: Keys of dbt_utils.in_description(id).
              data_tests:
              - dbt_utils.bare
              - dbt_expectations.with_A_and_B: {arguments: {column_A: x}}
              - {name: long_form, test_name: dbt_utils.named}
        """,
        "checks/one.sql": "{{ dbt_utils.in_singular_test() }}",
        "docs/elsewhere.sql": "{{ dbt_utils.in_no_dbt_folder() }}",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert _project_calls(tmp_path) == {
        "dbt_utils.hooked",
        "dbt_utils.in_statement",
        "dbt_expectations.in_expression",
        "dbt_utils.bare",
        "dbt_expectations.with_A_and_B",
        "dbt_utils.named",
        "dbt_utils.in_singular_test",
    }


def _public_stand_ins() -> set[str]:
    """Macros and generic tests of offline_packages/, without those described as helpers."""
    helpers = {
        f"{path.parents[1].name}.{macro['name']}"
        for path in OFFLINE_PACKAGES.glob("*/macros/_macros.yml")
        for macro in yaml.safe_load(path.read_text())["macros"]
        if macro["description"].startswith("Helper")
    }
    files = OFFLINE_PACKAGES.glob("*/macros/*.sql")
    return {f"{path.parents[1].name}.{path.stem}" for path in files} - helpers


def _project_calls(root: Path) -> set[str]:
    """The package macros and generic tests that a dbt project calls, in SQL or YAML."""
    project = yaml.safe_load((root / "dbt_project.yml").read_text())
    folders = [folder for key in project if key.endswith("-paths") for folder in project[key]]
    files = [path for folder in folders for path in (root / folder).rglob("*")]
    calls: set[str] = set()
    for path in [root / "dbt_project.yml", *files]:
        if path.suffix == ".sql":
            calls |= _calls(path.read_text())
        elif path.suffix in {".yml", ".yaml"}:
            for text in _texts(yaml.safe_load(path.read_text())):
                calls |= {text} if re.fullmatch(PACKAGE_MACRO, text) else _calls(text)
    return calls


def _texts(node: Any) -> Iterator[str]:
    """Every key and value of a YAML document that is text."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        yield from _texts([*node, *node.values()])
    elif isinstance(node, list):
        for child in node:
            yield from _texts(child)


def _calls(text: str) -> set[str]:
    """The package macros that the Jinja of a text calls; comments do not count."""
    tokens = Environment().lex(text)
    code = "".join(token for _, kind, token in tokens if kind not in {"data", "comment"})
    return set(re.findall(rf"{PACKAGE_MACRO}(?=\()", code))
