"""Relations → Parquet beside the warehouse (DuckDB) or tables (PostgreSQL), every row counted.

The landing folder holds raw_<entity>/*.parquet, one file per part, and raw_files.parquet: a row per
file that RAW names, used or not. It takes the place of the one before in one step.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from ingest.contract import IngestError, raw_contract, snake_case
from ingest.csv_files import csv_part
from ingest.find import Finding, find
from ingest.json_files import json_part
from ingest.options import Options
from ingest.parquet_files import parquet_part, schema_of
from ingest.part import Part, identifier, literal, parquet
from ingest.postgres import copy_to_postgres
from ingest.record import LandedFile, Landing, write_files
from ingest.text import as_utf8, is_utf8
from ingest.xlsx_files import xlsx_part


def land(
    raw: str, folder: Path, options: Options | None = None, postgres: Any = None, schema: str = ""
) -> Landing:
    """Land what is at RAW: in `folder`, and from there in a schema where a connection is given."""
    options = options or Options()
    tables = raw_contract()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix=f"{folder.name}.", dir=folder.parent) as temporary,
        closing(duckdb.connect()) as connection,
    ):
        work, new = Path(temporary) / "work", Path(temporary) / "landed"
        work.mkdir()
        new.mkdir()
        found = find(raw, tables, options, work)
        if found.problems:
            raise IngestError(*found.problems)
        files = write(connection, read(connection, found, options, work), new) + [
            LandedFile(i.name, None, i.bytes, ignored_because=i.reason) for i in found.ignored
        ]
        write_files(connection, files, new / "raw_files.parquet")
        if postgres is None:
            swap(new, folder)
        else:
            copy_to_postgres(connection, postgres, schema, files, new)
    return Landing(raw, tuple(files))


def read(
    connection: duckdb.DuckDBPyConnection, found: Finding, options: Options, work: Path
) -> list[Part]:
    """The files found, as DuckDB reads them; what is wrong in any of them is told together."""
    parts, problems = [], []
    for number, given in enumerate(found.inputs):
        try:
            if given.kind == "parquet":
                parts.append(parquet_part(connection, given))
                continue
            if given.kind == "xlsx":
                parts.append(replace(xlsx_part(given, work), encoding="xlsx"))
                continue
            # JSON is UTF-8 or carries a mark, whatever CSV files are written in
            declared = options.of(given.table, "file_encoding") if given.kind == "csv" else ""
            path, encoding = as_utf8(given.path, given.name, declared, work / f"text_{number}")
            if given.kind == "json":
                if not is_utf8(path):
                    raise IngestError(f"{given.name}: JSON must be UTF-8, and this is not")
                part = json_part(connection, given, path, work)
            else:
                dialect = [options.of(given.table, k) for k in ("file_delimiter", "file_quote")]
                part = csv_part(given, path, tuple(dialect), work)
            parts.append(replace(part, encoding=encoding))
        except IngestError as error:
            problems.extend(error.problems)
    if problems:
        raise IngestError(*problems)
    return parts


def write(
    connection: duckdb.DuckDBPyConnection, parts: list[Part], folder: Path
) -> list[LandedFile]:
    """Land the parts of each table as Parquet, and see that no row was lost."""
    files, problems = [], []
    for table in dict.fromkeys(part.input.table for part in parts):
        of_table = [part for part in parts if part.input.table == table]
        in_place = all(part.is_in_place for part in of_table)
        in_place = in_place and len({str(schema_of(connection, part)) for part in of_table}) == 1
        (folder / table.name).mkdir()
        paths, landed = [], []
        for number, part in enumerate(of_table, 1):
            path = folder / table.name / f"{number:04}.parquet"
            try:
                landed.append(write_part(connection, part, path, in_place))
                paths.append(path)
            except IngestError as error:
                problems.extend(error.problems)
        if 1 < len(paths) == len(of_table):
            repeated = repeated_rows(connection, of_table, paths)
            landed = [replace(f, repeated_rows=n) for f, n in zip(landed, repeated, strict=True)]
        files.extend(landed)
    if problems:
        raise IngestError(*problems)
    return files


def write_part(
    connection: duckdb.DuckDBPyConnection, part: Part, path: Path, in_place: bool
) -> LandedFile:
    """Land one part, or point to it, and count what can be read there.

    Where DuckDB fails or loses a row, Python's csv writes the file anew, or says what is wrong.
    """
    rows = -1
    try:
        if in_place:
            path.symlink_to(part.input.path.absolute())
        else:
            connection.execute(f"copy ({part.select}) to {literal(str(path))} (format parquet)")
        rows = count_rows(connection, part, path, in_place)
    except duckdb.Error as error:
        if part.rewrite is None:
            raise IngestError(f"{part.input.name}: cannot be read ({error})") from error
    if rows != part.records and part.rewrite:
        part = replace(part, relation=part.rewrite(), rewrite=None)
        return write_part(connection, part, path, in_place)
    if rows != part.records:
        raise IngestError(
            f"{part.input.name}: {part.records:,} records were counted in the file, and "
            f"{rows:,} rows were read. Nothing was landed. Check the quotes of the file, or save "
            "it as UTF-8 CSV anew."
        )
    repeated = leave_out_headers(connection, part, path)
    return LandedFile(
        file=part.input.name,
        table_name=part.input.table.name,
        bytes=part.input.bytes,
        records=part.records,
        landed_rows=rows - repeated,
        repeated_headers=repeated,
        repeated_rows=0,
        encoding=part.encoding,
        delimiter=part.delimiter or None,
        is_in_place=in_place,
        ignored_columns=", ".join(part.ignored_columns) or None,
    )


def count_rows(
    connection: duckdb.DuckDBPyConnection, part: Part, path: Path, in_place: bool
) -> int:
    """Rows of the Parquet, counted by the values of a column and not by its footer."""
    names = [name for name, _ in schema_of(connection, part)] if in_place else list(part.columns)
    column = identifier(names[0])
    ((values, empty),) = connection.execute(
        f"select count({column}), count(*) filter ({column} is null) from {parquet(path)}"
    ).fetchall()
    return values + empty


def leave_out_headers(connection: duckdb.DuckDBPyConnection, part: Part, path: Path) -> int:
    """Leave out headers that stand again where exports were pasted together, and count them.

    One with other columns is an error: the rows below it would be wrong.
    """
    names = {*part.input.table.columns, *map(snake_case, part.ignored_columns)}
    spellings = {name.replace("_", blank) for name in names for blank in ("_", " ")}
    spellings |= {f"\ufeff{name.lower()}" for name in part.header.values()}
    spellings |= {name.lower() for name in part.header.values()}
    first = next(iter(part.columns))
    found = (
        connection.execute(
            f"select * from {parquet(path)} where lower({identifier(first)}) in "
            f"({', '.join(map(literal, sorted(spellings)))})"
        ).fetchall()
        if part.header
        else []
    )
    header = tuple(part.header.values())
    same = []
    for row in found:
        texts = tuple((text or "").removeprefix("\ufeff") for text in row)
        if texts == header:
            same.append(row)
        elif len(texts) > 1 and all(not text or snake_case(text) in names for text in texts):
            raise IngestError(
                f"{part.input.name}: the header stands again in the middle, with other columns "
                f"({', '.join(texts)}). Two exports were pasted together: cut the file there into "
                "two files."
            )
    if same:
        values = {column: {row[n] for row in same} for n, column in enumerate(part.columns)}
        is_header = " and ".join(
            f"coalesce({identifier(column)}, '') in ({', '.join(literal(v or '') for v in texts)})"
            for column, texts in values.items()
        )
        copy = path.with_suffix(".copy")
        connection.execute(
            f"copy (select * from {parquet(path)} where not ({is_header})) "
            f"to {literal(str(copy))} (format parquet)"
        )
        copy.replace(path)
    return len(same)


def repeated_rows(
    connection: duckdb.DuckDBPyConnection, parts: list[Part], paths: list[Path]
) -> list[int]:
    """Of each part, how many rows stand in an earlier part as well, value for value."""
    columns = [c for c in parts[0].input.table.columns if any(c in part.columns for part in parts)]
    selects = []
    for number, (part, path) in enumerate(zip(parts, paths, strict=True)):
        values = ", ".join(identifier(c) if c in part.columns else "null" for c in columns)
        selects.append(f"select {number} as part, hash({values}) as row_hash from {parquet(path)}")
    rows = connection.execute(
        f"with all_rows as ({' union all '.join(selects)}), "
        "firsts as (select row_hash, min(part) as part from all_rows group by row_hash) "
        "select all_rows.part, count(*) from all_rows inner join firsts using (row_hash) "
        "where all_rows.part > firsts.part group by all_rows.part"
    ).fetchall()
    counts = dict(rows)
    return [counts.get(number, 0) for number in range(len(parts))]


def swap(new: Path, folder: Path) -> None:
    """Put the new landing in the place of the old one."""
    if folder.exists() and not (folder / "raw_files.parquet").exists():
        raise IngestError(f"{folder} is there and was not landed by this command. Move it away.")
    old = new.parent / "old"
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
