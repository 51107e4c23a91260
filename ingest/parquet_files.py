"""Parquet: read in place where its names are the contract's, else renamed and turned to text."""

from __future__ import annotations

import duckdb

from ingest.contract import IngestError, match_columns
from ingest.part import Input, Part, file_literal, identifier


def parquet_part(connection: duckdb.DuckDBPyConnection, given: Input) -> Part:
    """The rows of a Parquet file; its footer counts them."""
    relation = f"read_parquet({file_literal(given.path)}, hive_partitioning = false)"
    try:
        described = connection.execute(f"describe select * from {relation}").fetchall()
        ((records,),) = connection.execute(
            f"select num_rows from parquet_file_metadata({file_literal(given.path)})"
        ).fetchall()
    except duckdb.Error as error:
        raise IngestError(
            f"{given.name}: this is no Parquet file that can be read. Write or copy it again. "
            f"DuckDB says: {str(error).strip()}"
        ) from error
    header = [row[0] for row in described]
    places = match_columns(given.name, header, given.table)
    return Part(
        input=given,
        relation=relation,
        columns={
            column: f"cast({identifier(header[place])} as varchar)"
            for column, place in places.items()
        },
        records=records,
        ignored_columns=tuple(n for i, n in enumerate(header) if i not in places.values()),
        encoding="parquet",
        is_in_place=all(
            header[place].strip().lower() == column for column, place in places.items()
        ),
    )


def schema_of(connection: duckdb.DuckDBPyConnection, part: Part) -> list[tuple[str, str]]:
    """Names and types of a Parquet file: parts of one table are read in place where they agree."""
    described = connection.execute(f"describe select * from {part.relation}").fetchall()
    return [(row[0], row[1]) for row in described]
