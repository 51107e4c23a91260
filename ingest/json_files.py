"""JSON and NDJSON: an object per row, numbers to the digit as they are written."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from ingest.contract import IngestError, match_columns
from ingest.csv_files import reader_of_own
from ingest.part import Input, Part, file_literal, fresh

LARGEST_OBJECT = 1 << 28


def json_part(connection: duckdb.DuckDBPyConnection, given: Input, path: Path, work: Path) -> Part:
    """The rows of a JSON file, UTF-8 at `path`, written anew as CSV for DuckDB.

    Python's json reads the values: it keeps 18.30 and numbers of thirty digits as they are. DuckDB
    counts the objects.
    """
    columns: dict[str, int] = {}  # name → place, in order of appearance
    for record in records_of(connection, path, given.name):
        for name in record:
            columns.setdefault(name, len(columns))
    header = list(columns or given.table.columns)  # without a row there are no names
    places = match_columns(given.name, header, given.table)
    copy = fresh(work)
    with copy.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(places)
        for record in records_of(connection, path, given.name):
            writer.writerow([as_text(record.get(header[place])) for place in places.values()])
    return Part(
        input=given,
        relation=reader_of_own(copy, list(places)),
        columns={column: f"c{place}" for place, column in enumerate(places)},
        records=count_records(connection, path),
        ignored_columns=tuple(n for i, n in enumerate(header) if i not in places.values()),
    )


def shape_of(path: Path) -> str:
    """Whether a file is `lines` of objects, an `array` of them or an `object` with a list."""
    with path.open(encoding="utf-8-sig") as file:
        first = next((line for line in file if line.strip()), "")
    if first.lstrip().startswith("["):
        return "array"
    try:
        return "object" if list_in(json.loads(first)) else "lines"
    except ValueError:
        return "object"


def list_in(content: Any) -> str:
    """The name of the one list of objects that is all an object holds; empty for a plain row."""
    if not isinstance(content, dict) or len(content) != 1:
        return ""
    ((name, value),) = content.items()
    is_list = isinstance(value, list) and all(isinstance(item, dict) for item in value)
    return name if is_list else ""


def records_of(
    connection: duckdb.DuckDBPyConnection, path: Path, name: str
) -> Iterator[dict[str, Any]]:
    """The objects of a file."""
    shape = shape_of(path)
    if shape == "lines":
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield parse(line, f"{name}, line {number}")
    elif shape == "array":
        yield from objects_of_array(connection, path, name)
    else:
        content = parse(path.read_text("utf-8-sig"), name)
        yield from content[list_in(content)] if list_in(content) else [content]


def objects_of_array(
    connection: duckdb.DuckDBPyConnection, path: Path, name: str
) -> Iterator[dict[str, Any]]:
    """The objects of a list, cut apart by DuckDB, which needs no memory for the whole."""
    try:
        found = connection.cursor().execute(
            f"select json from read_json_objects({file_literal(path)}, format = 'array', "
            f"maximum_object_size = {LARGEST_OBJECT})"
        )
        number = 0
        while objects := found.fetchmany(1000):
            for (text,) in objects:
                number += 1
                yield parse(text, f"{name}, object {number}")
    except duckdb.Error as error:
        raise IngestError(
            f"{name}: this is no list of JSON objects. DuckDB says: {str(error).strip()}"
        ) from error


def parse(text: str, place: str) -> dict[str, Any]:
    """An object with numbers as text."""
    if "\\u0000" in text:
        raise IngestError(f"{place}: there is a zero byte in a text (\\u0000). Take it out.")
    try:
        record = json.loads(text, parse_int=str, parse_float=str, object_pairs_hook=unique)
    except ValueError as error:
        raise IngestError(f"{place}: this is no JSON ({error})") from error
    if not isinstance(record, dict):
        raise IngestError(f"{place}: expected an object with a value per column, not {text[:60]!r}")
    return record


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, no name of it twice."""
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} stands twice in an object")
    return content


def as_text(value: Any) -> str:
    """A value as it is written; what is nested stays JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def count_records(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    """How many objects DuckDB sees in the file."""
    shape = shape_of(path)
    content = f"(select ltrim(content, chr(65279)) as j from read_text({file_literal(path)}))"
    if shape == "lines":
        sql = (
            f"select count(*) from read_json_objects({file_literal(path)}, "
            f"format = 'newline_delimited', maximum_object_size = {LARGEST_OBJECT})"
        )
    elif shape == "array":
        sql = f"select json_array_length(j) from {content}"
    else:
        sql = (
            "select coalesce(max(json_array_length(j, '$.\"' || json_keys(j)[1] || '\"')), 1) "
            f"from {content} where len(json_keys(j)) = 1"
        )
    return connection.execute(sql).fetchall()[0][0]
