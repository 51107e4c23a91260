"""The record of what was read: raw_files, a row per file that RAW names, used or not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.part import literal

COLUMNS = {
    "file": "varchar",
    "table_name": "varchar",
    "bytes": "bigint",
    "records": "bigint",
    "landed_rows": "bigint",
    "repeated_headers": "bigint",
    "repeated_rows": "bigint",
    "encoding": "varchar",
    "delimiter": "varchar",
    "is_in_place": "boolean",
    "ignored_columns": "varchar",
    "ignored_because": "varchar",
}


@dataclass(frozen=True)
class LandedFile:
    """A row of raw_files."""

    file: str
    table_name: str | None
    bytes: int
    records: int | None = None  # counted apart from landing; headers that stand again among them
    landed_rows: int | None = None
    repeated_headers: int | None = None
    repeated_rows: int | None = None  # rows that stand in an earlier file of the table as well
    encoding: str | None = None
    delimiter: str | None = None
    is_in_place: bool = False
    ignored_columns: str | None = None
    ignored_because: str | None = None


@dataclass(frozen=True)
class Landing:
    """What was landed."""

    raw: str
    files: tuple[LandedFile, ...]

    def summary(self) -> str:
        """A line per file: rows of those used, names of those ignored."""
        lines = [f"Read {self.raw}"]
        for file in self.files:
            if file.table_name is None:
                continue
            notes = [note for note in (file.encoding, file.delimiter) if note]
            notes += ["read in place"] * file.is_in_place
            lines.append(
                f"  {file.table_name:<20} {file.landed_rows or 0:>12,} rows  "
                f"{file.file} ({', '.join(notes)})"
            )
            if file.repeated_headers:
                lines.append(
                    f"    {file.repeated_headers:,} line(s) repeat the header and were left out"
                )
            if file.repeated_rows:
                lines.append(
                    f"    {file.repeated_rows:,} row(s) stand in another file of this table, too"
                )
            if file.ignored_columns:
                lines.append(f"    columns ignored: {file.ignored_columns}")
        lines += [
            f"  ignored: {file.file} ({file.ignored_because})"
            for file in self.files
            if file.ignored_because
        ]
        return "\n".join(lines)


def write_files(connection: duckdb.DuckDBPyConnection, files: list[LandedFile], path: Path) -> None:
    """Write raw_files."""
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    rows = ", ".join(f"({', '.join('?' for _ in COLUMNS)})" for _ in files)
    values = [getattr(file, name) for file in files for name in COLUMNS]
    connection.execute(f"create temporary table raw_files ({columns})")
    connection.execute(f"insert into raw_files values {rows}", values)
    connection.execute(f"copy raw_files to {literal(str(path))} (format parquet)")
