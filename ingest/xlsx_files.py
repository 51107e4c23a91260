"""Excel workbooks: python-calamine reads the values, the sheet's XML is counted apart."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

from python_calamine import CalamineError, CalamineWorkbook

from ingest.contract import IngestError, match_columns
from ingest.csv_files import reader_of_own
from ingest.part import Input, Part, fresh

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def sheets_of(path: Path, name: str) -> list[str]:
    """The sheets of a workbook."""
    try:
        with CalamineWorkbook.from_path(str(path)) as workbook:
            return list(workbook.sheet_names)
    except (CalamineError, OSError) as error:
        raise IngestError(
            f"{name}: this is no Excel workbook that can be read ({error}). Save it as .xlsx "
            "without a password, or as CSV."
        ) from error


def xlsx_part(given: Input, work: Path) -> Part:
    """The rows of a sheet; its first row with values is the header."""
    with CalamineWorkbook.from_path(str(given.path)) as workbook:
        grid = workbook.get_sheet_by_name(given.sheet).to_python(skip_empty_area=True)
    records = [row for row in ([as_text(value) for value in line] for line in grid) if any(row)]
    if not records:
        raise IngestError(f"{given.name}: the sheet is empty. It needs a row of column names.")
    header = records[0]
    places = match_columns(given.name, header, given.table)
    copy = fresh(work)
    with copy.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(places)
        for record in records[1:]:
            writer.writerow([record[place] for place in places.values()])
    return Part(
        input=given,
        relation=reader_of_own(copy, list(places)),
        columns={column: f"c{place}" for place, column in enumerate(places)},
        records=count_rows(given.path, given.sheet) - 1,
        header={column: header[place] for column, place in places.items()},
        ignored_columns=tuple(
            name for i, name in enumerate(header) if name and i not in places.values()
        ),
    )


def as_text(value: Any) -> str:
    """A cell as text: whole numbers without .0, days and times as ISO writes them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def count_rows(path: Path, sheet: str) -> int:
    """How many rows of the sheet's XML hold a value."""
    try:
        with ZipFile(path) as archive:
            empty = empty_strings(archive)
            with archive.open(sheet_file(archive, sheet)) as xml:
                rows = (
                    element
                    for _, element in ElementTree.iterparse(xml)
                    if element.tag == MAIN + "row"
                )
                count = 0
                for row in rows:
                    count += any(has_value(cell, empty) for cell in row)
                    row.clear()
                return count
    except (BadZipFile, KeyError, ElementTree.ParseError) as error:
        raise IngestError(f"{path.name}: the workbook is damaged ({error}).") from error


def sheet_file(archive: ZipFile, sheet: str) -> str:
    """The file of a workbook that holds a sheet."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    link = next(e.get(LINK) for e in book.iter(MAIN + "sheet") if e.get("name") == sheet)
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    target = next(e.get("Target", "") for e in links if e.get("Id") == link)
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def empty_strings(archive: ZipFile) -> set[str]:
    """The numbers of shared strings without a letter."""
    if "xl/sharedStrings.xml" not in archive.namelist():
        return set()
    strings = ElementTree.fromstring(archive.read("xl/sharedStrings.xml")).iter(MAIN + "si")
    return {str(n) for n, string in enumerate(strings) if not any(letters(string))}


def letters(element: ElementTree.Element) -> Iterator[str]:
    """The texts below an element."""
    return (part.text for part in element.iter(MAIN + "t") if part.text)


def has_value(cell: ElementTree.Element, empty: set[str]) -> bool:
    """Whether a cell holds something."""
    value = cell.find(MAIN + "v")
    if value is not None and value.text:
        return cell.get("t") != "s" or value.text not in empty
    return any(letters(cell))
