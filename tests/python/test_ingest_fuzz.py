"""Whatever way a small shop is written down, what is landed is that shop, text by text."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import shutil
import zipfile
from pathlib import Path

import duckdb

from ingest import Options, land

MUTATIONS = 240
DUCKDB = duckdb.connect()
COLUMNS = ("order_id", "customer_id", "ordered_at", "status", "shipping_city", "total_amount")
VALUES = (
    *("C1", "c-2", "", "", "Köln", "Zürich, Altstadt", "São Paulo; centro", "5|6", "tab\there"),
    *('the "best"', '"quoted"', '"', "two\nlines", "three\r\nlines\r\n", "#9", "# no comment"),
    *("it's", " blank around ", "NULL", "nan", "1.020,57", "1e3", "\\", "€ 5", "=SUM(A1)", "sep=;"),
)
SPELLINGS = (
    lambda name: name,
    lambda name: name.replace("_", " ").title(),
    lambda name: name.replace("_", "-").upper(),
    lambda name: "".join(word.title() for word in name.split("_")),
    lambda name: f" {name} ",
)
Row = dict[str, str]


def shop(chance: random.Random) -> list[Row]:
    """Orders with everything that makes files hard."""
    return [
        {
            "order_id": f"{chance.choice(['', '#', '00'])}{number}",
            "ordered_at": f"2025-05-{1 + number % 28:02}",
            **{
                name: chance.choice(VALUES)
                for name in COLUMNS
                if name not in ("order_id", "ordered_at")
            },
        }
        for number in range(chance.randint(0, 25))
    ]


def write_csv(
    chance: random.Random, rows: list[Row], columns: list[str], encoding: str
) -> tuple[bytes, int]:
    """The rows as a delimited text in some dialect, and how often the header is repeated."""
    delimiter = chance.choice(",;\t|")
    ends = chance.choice((["\n"], ["\r\n"], ["\r"], ["\n", "\r\n"], ["\n", "\r\n", "\r"]))
    quoting = chance.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    spell = chance.choice(SPELLINGS)
    lines = [[spell(name) for name in columns], *([row[name] for name in columns] for row in rows)]
    repeated = 0
    if len(rows) > 2 and chance.random() < 0.2:
        lines.insert(chance.randint(1, len(lines)), lines[0])
        repeated = 1
    text = ""
    for line in lines:
        buffer = io.StringIO()
        csv.writer(buffer, delimiter=delimiter, quoting=quoting, lineterminator="\r\n").writerow(
            line
        )
        text += buffer.getvalue().removesuffix("\r\n") + chance.choice(ends)
        if chance.random() < 0.05:
            text += chance.choice(ends)  # a blank line
    if chance.random() < 0.3 and rows:
        text = text.rstrip("\r\n")  # the last value does not end in a line end: it is no letter
    if chance.random() < 0.1:
        text = f"sep={delimiter}{ends[0]}{text}"
    return text.encode(chance.choice((encoding, "utf-8-sig", "utf-16"))), repeated


def write_part(
    chance: random.Random,
    folder: Path,
    name: str,
    rows: list[Row],
    columns: list[str],
    encoding: str,
) -> int:
    """Write rows to a file of some kind; how many headers stand in it besides the first."""
    kind = chance.choice(("csv",) * 8 + ("ndjson", "json", "parquet"))
    if kind == "csv":
        content, repeated = write_csv(chance, rows, columns, encoding)
        ending = chance.choice((".csv", ".tsv", ".txt", ".CSV"))
        pack = chance.choice(("", "", "", ".gz", ".zip"))
        if pack == ".gz":
            (folder / f"{name}{ending}.gz").write_bytes(gzip.compress(content))
        elif pack == ".zip":
            with zipfile.ZipFile(folder / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(f"{name}{ending}", content)
        else:
            (folder / f"{name}{ending}").write_bytes(content)
        return repeated
    if not rows:  # without a row no JSON has columns
        (folder / f"{name}.csv").write_text(",".join(columns) + "\n")
        return 0
    records = [{column: row[column] or None for column in columns} for row in rows]
    if kind == "ndjson":
        text = "\n".join(
            json.dumps(record, ensure_ascii=chance.random() < 0.5) for record in records
        )
        (folder / f"{name}.ndjson").write_text(text, encoding="utf-8")
    elif kind == "json":
        content = chance.choice((records, {"orders": records}))
        text = json.dumps(content, indent=chance.choice((None, 2)))
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    else:
        with DUCKDB.cursor() as connection:
            connection.execute(
                f"create or replace table part ({', '.join(f'{c} varchar' for c in columns)})"
            )
            places = ", ".join("?" for _ in columns)
            connection.executemany(
                f"insert into part values ({places})",
                [[record[column] for column in columns] for record in records],
            )
            connection.execute(f"copy part to '{folder / name}.parquet' (format parquet)")
    return 0


def test_mutations_of_a_small_shop(tmp_path: Path) -> None:
    """File records = landed rows, and every text arrives as it was written."""
    for seed in range(MUTATIONS):
        chance = random.Random(seed)
        raw = tmp_path / "shop"
        shutil.rmtree(raw, ignore_errors=True)
        raw.mkdir()
        encoding = chance.choice(("utf-8", "cp1252"))
        options = Options(file_encoding="cp1252") if encoding == "cp1252" else Options()
        expected, repeated = [], 0
        for part in range(chance.choice((1, 1, 2, 3))):
            rows = shop(chance)
            optional = [name for name in COLUMNS[3:] if chance.random() < 0.8]
            columns = [*COLUMNS[:3], *optional]
            chance.shuffle(columns)
            name = chance.choice(("raw_orders", "Orders", "orders")) + f"_{part}"
            repeated += write_part(chance, raw, name, rows, columns, encoding)
            expected += [
                tuple(row[c] or None if c in columns else None for c in COLUMNS) for row in rows
            ]
        landing = land(str(raw), tmp_path / "landed", options)
        used = [file for file in landing.files if file.table_name]
        assert sum(file.records for file in used) == len(expected) + repeated, seed
        assert sum(file.landed_rows for file in used) == len(expected), seed
        assert sum(file.repeated_headers for file in used) == repeated, seed
        assert sorted(landed_rows(tmp_path / "landed"), key=str) == sorted(expected, key=str), seed


def landed_rows(folder: Path) -> list[tuple[str | None, ...]]:
    """The orders that were landed."""
    with DUCKDB.cursor() as connection:
        relation = f"read_parquet('{folder}/raw_orders/*.parquet', union_by_name = true)"
        there = {row[0] for row in connection.execute(f"describe from {relation}").fetchall()}
        columns = ", ".join(name if name in there else f"null as {name}" for name in COLUMNS)
        return connection.execute(f"select {columns} from {relation}").fetchall()
