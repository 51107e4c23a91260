"""A file that can be read: where DuckDB finds its rows, and how many there must be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from ingest.contract import Table


@dataclass(frozen=True)
class Input:
    """A plain file, or a sheet of one, that belongs to a table."""

    name: str  # as messages name it, relative to RAW
    path: Path
    kind: str  # csv, json, xlsx, parquet
    table: Table
    bytes: int  # as delivered, packed
    sheet: str = ""


@dataclass(frozen=True)
class Part:
    """The rows of an input as DuckDB reads them."""

    input: Input
    relation: str  # what to select from
    columns: dict[str, str]  # column of the contract → SQL expression, as text
    records: int  # counted by another reader than DuckDB's
    ignored_columns: tuple[str, ...] = ()
    header: dict[str, str] = field(default_factory=dict)  # how the file spells the columns
    encoding: str = ""
    delimiter: str = ""
    is_in_place: bool = False  # a file the warehouse can read where it is
    rewrite: Callable[[], str] | None = None  # the same rows where DuckDB fails, or an IngestError

    @property
    def select(self) -> str:
        """The rows to land, all text."""
        columns = ", ".join(f"{sql} as {identifier(name)}" for name, sql in self.columns.items())
        return f"select {columns} from {self.relation}"


def fresh(work: Path) -> Path:
    """A place for a file written anew, that of no other: files of two folders may share a name."""
    return work / f"{uuid4().hex}.csv"


def identifier(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("'", "''") + "'"


def file_literal(path: Path, below: str = "") -> str:
    """A path in SQL, none of its characters taken for a pattern, and a pattern below it."""
    plain = "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))
    return literal(plain + below)


def parquet(path: Path) -> str:
    """DuckDB's reader of a Parquet file."""
    return f"read_parquet({file_literal(path)}, hive_partitioning = false)"
