"""The raw contract as ingest needs it: tables, columns, what must be there."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path

import yaml

SOURCES = Path(__file__).resolve().parents[1] / "models" / "sources"


class IngestError(Exception):
    """What people have cannot be read as it is; every problem says where and what to do."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Table:
    """One table of the contract."""

    name: str
    columns: tuple[str, ...]
    required: tuple[str, ...]
    is_required: bool

    @property
    def entity(self) -> str:
        """What it holds: orders for raw_orders."""
        return self.name.removeprefix("raw_")


@functools.cache
def raw_contract() -> dict[str, Table]:
    """The tables of the raw contract by entity, from their one definition."""
    file = SOURCES / "landed" / "_landed__sources.yml"
    (source,) = yaml.safe_load(file.read_text("utf-8"))["sources"]
    tables = [
        Table(
            name=table["name"],
            columns=tuple(column["name"] for column in table["columns"]),
            required=tuple(c["name"] for c in table["columns"] if is_required(c)),
            is_required=is_required(table),
        )
        for table in source["tables"]
    ]
    return {table.entity: table for table in tables}


def is_required(node: dict) -> bool:
    """Whether the contract demands a table or column."""
    return bool(node.get("config", {}).get("meta", {}).get("required"))


def snake_case(name: str) -> str:
    """The name as the contract writes names: Order ID, orderId and ORDER-ID are order_id."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"[\W_]+", "_", words).strip("_").lower()


def match_columns(file: str, header: list[str], table: Table, hint: str = "") -> dict[str, int]:
    """Column of the contract → its place in the header. Equal names and missing ones are errors."""
    places: dict[str, int] = {}
    problems = []
    for place, name in enumerate(header):
        known = snake_case(name)
        if not known:
            continue
        if known in places:
            first = places[known]
            problems.append(
                f"{file}: the columns {header[first]!r} (number {first + 1}) and {name!r} "
                f"(number {place + 1}) are both {known}. Delete or rename one of them."
            )
        else:
            places[known] = place
    missing = [column for column in table.required if column not in places]
    if missing:
        problems.append(
            f"{file}: the required column{'s' * (len(missing) > 1)} {', '.join(missing)} of "
            f"{table.name} {'are' if len(missing) > 1 else 'is'} missing. "
            f"Found: {', '.join(header) or 'no columns'}. "
            f"Rename the file's columns.{hint}"
        )
    if problems:
        raise IngestError(*problems)
    return {column: places[column] for column in table.columns if column in places}
