"""Landed Parquet → the tables of a PostgreSQL schema."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
from psycopg2 import sql

from ingest.contract import IngestError, raw_contract
from ingest.part import identifier, literal, parquet
from ingest.record import COLUMNS, LandedFile


def copy_to_postgres(
    connection: duckdb.DuckDBPyConnection,
    postgres: Any,
    schema: str,
    files: list[LandedFile],
    folder: Path,
) -> None:
    """Fill the landing tables in one transaction: readers see the old rows or the new ones.

    A table keeps its identity, so that views of a build on it stay: it is emptied and filled, and a
    column the contract has since gained is added. Tables without raw_files beside them are people's
    own and are not touched.
    """
    contract = {table.name: table.columns for table in raw_contract().values()}
    with postgres, postgres.cursor() as cursor:
        cursor.execute(
            "select table_name from information_schema.tables where table_schema = %s", [schema]
        )
        there = {name for (name,) in cursor.fetchall()}
        foreign = sorted(there & contract.keys()) if "raw_files" not in there else []
        if foreign:
            raise IngestError(
                f"the schema {schema} holds {', '.join(foreign)}, which were not landed by this "
                "command and would be overwritten. Build from them with RAW=<schema>, or land in "
                "another schema with VARS='{raw_schema: <name>}'."
            )
        cursor.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
        for name, columns in contract.items():
            make_table(cursor, schema, name, dict.fromkeys(columns, "text"))
            landed = sum(file.landed_rows or 0 for file in files if file.table_name == name)
            copied = 0
            for path in sorted((folder / name).glob("*.parquet")):
                copied += copy_file(connection, cursor, (schema, name), columns, path)
            if copied != landed:
                raise IngestError(
                    f"{name}: {landed:,} rows were read, and {copied:,} reached PostgreSQL. "
                    "Nothing was changed there."
                )
        kinds = {name: kind.replace("varchar", "text") for name, kind in COLUMNS.items()}
        make_table(cursor, schema, "raw_files", kinds)
        path = folder / "raw_files.parquet"
        copy_file(connection, cursor, (schema, "raw_files"), tuple(COLUMNS), path)


def make_table(cursor: Any, schema: str, name: str, kinds: Mapping[str, str]) -> None:
    """An empty table with the columns."""
    table = sql.Identifier(schema, name)
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kind))
        for column, kind in kinds.items()
    ]
    cursor.execute(
        sql.SQL("create table if not exists {} ({})").format(table, sql.SQL(", ").join(columns))
    )
    for column in columns:
        cursor.execute(sql.SQL("alter table {} add column if not exists {}").format(table, column))
    cursor.execute(sql.SQL("truncate {}").format(table))


def copy_file(
    connection: duckdb.DuckDBPyConnection,
    cursor: Any,
    table: tuple[str, str],
    columns: tuple[str, ...],
    path: Path,
) -> int:
    """Copy a Parquet file into a table and say how many rows arrived."""
    relation = parquet(path)
    described = connection.execute(f"describe select * from {relation}").fetchall()
    names = {row[0].strip().lower(): row[0] for row in described}
    present = [column for column in columns if column in names]
    values = ", ".join(f"cast({identifier(names[c])} as varchar)" for c in present)
    copy = path.parent / "copy.csv"
    connection.execute(
        f"copy (select {values} from {relation}) to {literal(str(copy))} "
        "(format csv, header false, nullstr '', force_quote *)"
    )
    targets = sql.SQL(", ").join(map(sql.Identifier, present))
    statement = sql.SQL("copy {} ({}) from stdin with (format csv, force_null ({}))").format(
        sql.Identifier(*table), targets, targets
    )
    try:
        with copy.open("rb") as lines:
            cursor.copy_expert(statement.as_string(cursor), lines)
    except psycopg2.Error as error:
        raise IngestError(
            f"{table[1]}: PostgreSQL refused a row: {str(error).strip()}. Nothing changed."
        ) from error
    copy.unlink()
    return cursor.rowcount
