"""Lint the project: Python, YAML, SQL, documentation and layers.

    python scripts/lint.py [STEP …]

Runs the steps below in order, all of them unless some are named, and prints what each failing one
found. dbt builds an empty warehouse in a temporary folder for those that need one, so nothing of
yours is touched: dbt packages must be installed (`make packages`), no database is needed.

    ruff       Python: findings and formatting
    parse      dbt parse, every warning an error, misspelt keys of YAML and configs among them
    warehouse  an empty warehouse and its catalog, for the steps below; documented columns exist
    sqlfluff   SQL of models, tests and analyses
    yaml       scripts/check_yaml.py: metrics, macros, raw contract, knobs
    bouncer    dbt-bouncer.yml: names, layers, descriptions, columns, grain
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parents[1]
MAX_LINE_LENGTH = 100
BIN = Path(sys.executable).parent
# dbt looks at the keys of YAML files and configs only on the platforms named in a list of its own,
# and its schema does not know `order_by`, which it reads.
DBT_CHECKING_KEYS = """
from dbt.cli.main import cli
from dbt.jsonschemas import jsonschemas

jsonschemas._JSONSCHEMA_SUPPORTED_ADAPTERS.add("duckdb")
schema = jsonschemas.resources_schema()["definitions"]["SavedQueriesQueryParams"]
schema["properties"]["order_by"] = {}
cli()
"""
STEPS = ("ruff", "parse", "warehouse", "sqlfluff", "yaml", "bouncer")


@dataclass(frozen=True)
class Linter:
    """Runs tools on the project, with dbt's artifacts and warehouse in a folder of their own."""

    folder: Path

    def run(self, tool: str, *arguments: str) -> str:
        """Run a tool of this environment; what it printed where it failed, nothing where not."""
        environment = {
            **os.environ,
            "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}",
            "DBT_PROFILES_DIR": str(PROJECT / "profiles"),
            "DBT_TARGET_PATH": str(self.folder / "target"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
            # dbt-bouncer looks for artifacts in the folder `target` of this one
            "DBT_PROJECT_DIR": str(self.folder) if tool == "dbt-bouncer" else str(PROJECT),
            "WAREHOUSE": str(self.folder / "empty.duckdb"),
            "COLUMNS": "160",
            "PYTHONWARNINGS": "ignore",
        }
        environment.pop("SCHEMA_PREFIX", None)
        process = subprocess.run(
            [str(BIN / tool), *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return "" if process.returncode == 0 else process.stdout or f"{tool} failed"

    def ruff(self) -> str:
        """Python: findings, then formatting."""
        return self.run("ruff", "check", "--output-format", "concise") + self.run(
            "ruff", "format", "--check"
        )

    def parse(self) -> str:
        """YAML and Jinja as dbt reads them; keys that exist; macro arguments as documented."""
        options = ("--quiet", "--warn-error", "parse", "--no-partial-parse")
        return self.run("python", "-c", DBT_CHECKING_KEYS, *options)

    def warehouse(self) -> str:
        """Every model on no rows, and the catalog of what came out."""
        build = ("--quiet", "--warn-error", "build", "--empty")
        types = ("--resource-type", "seed", "--resource-type", "model")
        return self.run("dbt", *build, *types) or self.run(
            "dbt", "--quiet", "docs", "generate", "--no-compile"
        )

    def sqlfluff(self) -> str:
        """SQL as dbt compiles it: of the sample shop, then of each source system; long lines."""
        sources = sorted({path.parent for path in Path("models/sources").rglob("*.sql")})
        paths = [str(path) for path in Path("models").glob("*") if path.name != "sources"]
        paths += [folder for folder in ("tests", "analyses") if any(Path(folder).rglob("*.sql"))]
        findings = self.run("sqlfluff", "lint", "--quiet", *sorted(paths))
        for folder in sources:
            config = self.context(folder)
            findings += self.run("sqlfluff", "lint", "--quiet", str(folder), "--config", config)
        return findings + long_lines()

    def context(self, system: Path) -> str:
        """A sqlfluff config under which dbt compiles a source system, off a file without rows."""
        content = yaml.safe_load((system / f"_{system.name}__models.yml").read_text("utf-8"))
        columns = [column["name"] for column in content["sources"][0]["tables"][0]["columns"]]
        file = self.folder / f"{system.name}.csv"
        file.write_text(",".join(columns) + "\n", "utf-8")
        config = self.folder / f"{system.name}.cfg"
        config.write_text(
            "[sqlfluff:templater:dbt:context]\n"
            f"source_system = {system.name}\n"
            f"raw_path = {file.as_posix()}\n",
            "utf-8",
        )
        return str(config)

    def yaml(self) -> str:
        """What check_yaml.py finds."""
        script = str(PROJECT / "scripts" / "check_yaml.py")
        return self.run("python", script, "--target-path", str(self.folder / "target"))

    def bouncer(self) -> str:
        """What holds in every layer."""
        if find_spec("dbt_bouncer") is None:
            print("  dbt-bouncer is not installed (it needs Python 3.11): skipped")
            return ""
        return self.run("dbt-bouncer", "run", "--show-all-failures")


def long_lines() -> str:
    """Lines of SQL longer than the house has them, as people wrote them."""
    found = ""
    for folder in ("models", "tests", "analyses"):
        for path in sorted(Path(folder).rglob("*.sql")):
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                if len(line) > MAX_LINE_LENGTH:
                    found += f"{path}:{number}: {len(line)} characters, not {MAX_LINE_LENGTH}\n"
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run the steps; 1 where one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("steps", nargs="*", metavar="STEP", help=f"one of {', '.join(STEPS)}")
    named = parser.parse_args(arguments).steps
    os.chdir(PROJECT)
    for step in named:
        if step not in STEPS:
            parser.error(f"there is no step {step}; the steps are {', '.join(STEPS)}")
    failed = []
    with tempfile.TemporaryDirectory(prefix="lint_") as folder:
        linter = Linter(Path(folder))
        for step in [step for step in STEPS if step in named or not named]:
            if failed and failed[-1] in ("parse", "warehouse"):
                print(f"  {step}: not run, {failed[-1]} comes first")
                failed.append(failed[-1])
                continue
            started = time.monotonic()
            findings = getattr(linter, step)()
            seconds = time.monotonic() - started
            print(f"{'FAILED' if findings else 'ok':<6}  {step:<9} {seconds:5.1f} s", flush=True)
            if findings:
                print(findings)
                failed.append(step)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
