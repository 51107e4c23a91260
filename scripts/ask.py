"""Ask a question of analyses/ and print the whole answer.

    python scripts/ask.py [QUESTION] [--csv] [--target duckdb|postgres] [--vars '{…}']

Without a question it lists them. It runs `dbt show`, which by itself leaves out columns that do not
fit a terminal; --csv writes what a mailing needs. It reads what was published, in the folder
PUBLISHED names or on the server PGHOST … name; give the knobs it was built with.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from places import PROJECT, PlaceError, reader_environment

ANALYSES = PROJECT / "analyses"


def questions() -> dict[str, str]:
    """The first comment of each analysis by name: the question and how to read the answer."""
    texts = {path.stem: path.read_text("utf-8") for path in sorted(ANALYSES.glob("*.sql"))}
    return {
        name: re.sub(r"^-- ?", "", text.partition("\n-- Reads ")[0], flags=re.MULTILINE)
        for name, text in texts.items()
    }


def answer(question: str, target: str, variables: str) -> list[dict[str, Any]]:
    """The rows of an analysis."""
    environment = reader_environment(target)
    command = [str(Path(sys.executable).with_name("dbt")), "--quiet", "show"]
    command += ["--vars", variables]
    command += ["--select", question, "--limit", "-1", "--output", "json"]
    process = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    if process.returncode:
        sys.exit(process.stdout + process.stderr)
    return json.loads(process.stdout)["show"]


def table(rows: list[dict[str, Any]]) -> str:
    """Rows as lines of aligned columns, numbers to the right."""
    if not rows:
        return "The shop has no data for an answer."
    columns = list(rows[0])
    cells = [["" if row[name] is None else str(row[name]) for name in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    is_number = [
        all(isinstance(row[name], (int, float, type(None))) for row in rows) for name in columns
    ]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, is_number, strict=True)
        ).rstrip()
        for line in [columns, *cells]
    )


def main() -> None:
    """Ask, or list what can be asked."""
    known = questions()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("question", nargs="?", choices=["", *known], metavar="QUESTION")
    parser.add_argument("--csv", action="store_true")
    parser.add_argument("--target", default="duckdb", choices=["duckdb", "postgres"])
    parser.add_argument("--vars", default="{}")
    arguments = parser.parse_args()
    if not arguments.question:
        for name, text in known.items():
            print(f"{name:26}{text.partition(chr(10))[0]}")
        return
    try:
        rows = answer(arguments.question, arguments.target, arguments.vars)
    except PlaceError as error:
        sys.exit(f"No answer: {error}")
    if arguments.csv:
        writer = csv.DictWriter(sys.stdout, list(rows[0]) if rows else [])
        writer.writeheader()
        writer.writerows(rows)
    else:
        print(f"{known[arguments.question]}\n\n{table(rows)}")


if __name__ == "__main__":
    main()
