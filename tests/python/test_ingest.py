"""What people have is landed as the contract's tables, all of it, or refused with the reason."""

from __future__ import annotations

import gzip
import http.server
import json
import os
import subprocess
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import build
import duckdb
import psycopg2
import pytest
from postgres_server import running_postgres
from warehouse import ENGINES, NO_TESTS, PROJECT, Warehouse

from ingest import IngestError, Landing, Options, land

ORDERS = "order_id,customer_id,ordered_at,total_amount\n"
ROWS = "O1,C1,2025-05-01,10\nO2,C2,2025-05-02,20\n"


@pytest.fixture(scope="session")
def exports() -> Path:
    """The folder of exports as platforms write them, and small cases with right figures."""
    folder = Path(os.environ.get("EXPORTS_DATA", PROJECT.parent / "shared" / "exports"))
    if not folder.is_dir():
        pytest.skip(f"{folder} is absent (EXPORTS_DATA)")
    return folder


def landed(raw: Path | str, tmp_path: Path, **declared: Any) -> Landing:
    """What landing a place gives; the landing folder is tmp_path/landed."""
    return land(str(raw), tmp_path / "landed", Options.from_knobs(declared))


def refused(raw: Path | str, tmp_path: Path, **declared: Any) -> str:
    """The message that a place is refused with; nothing is landed."""
    with pytest.raises(IngestError) as error:
        landed(raw, tmp_path, **declared)
    assert not (tmp_path / "landed").exists()
    return str(error.value)


def rows(tmp_path: Path, table: str = "raw_orders", columns: str = "*") -> list[tuple[Any, ...]]:
    """The landed rows of a table."""
    with duckdb.connect() as connection:
        return connection.execute(
            f"select {columns} from read_parquet('{tmp_path}/landed/{table}/*.parquet', "
            "union_by_name = true)"
        ).fetchall()


def folder_of(tmp_path: Path, **files: str | bytes) -> Path:
    """A folder with files: raw_orders__csv is raw_orders.csv."""
    folder = tmp_path / "raw"
    folder.mkdir()
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / name.replace("__", ".")).write_bytes(data)
    return folder


# --- the cases of exports -------------------------------------------------------------------------

# case → sub-folder that is RAW, orders that are landed
LANDED = {
    "hash_ids": ("", 8),
    "hash_ids_late": ("", 8),
    "gz_whole": ("", 8),
    "hive_folder": ("status=cancelled", 8),
    "star_in_path": ("shop *", 8),
    "brackets_in_path": ("shop [1]", 8),
    "repeated_header": ("", 8),
    "total_row": ("", 8),
    "part_files": ("", 8),
    "utf16_tabs": ("", 8),
    "mixed_line_ends": ("", 8),
    "quoted_field_late": ("", 21_301),
}
REFUSED = {
    "hash_rows_short": ["raw_orders.csv, line 9: 6 values where the header names 7 columns", "#7"],
    "gz_cut": ["raw_orders.csv.gz: the file is cut off or damaged", "Download or copy it again"],
    "duplicate_columns_by_case": ["'order_id' (number 1) and 'Order_ID' (number 2)"],
    "duplicate_total": ["'total_amount' (number 7) and 'total_amount' (number 8)"],
}


@pytest.mark.parametrize("case", LANDED)
def test_cases_that_are_read(case: str, exports: Path, tmp_path: Path) -> None:
    """Every order of the case is landed once or more, with its money and its own status."""
    below, orders = LANDED[case]
    landing = landed(exports / "cases" / case / below, tmp_path)
    used = [file for file in landing.files if file.table_name]
    assert sum(f.records for f in used) == sum(f.landed_rows + f.repeated_headers for f in used)
    right = json.loads((exports / "cases" / case / "right.json").read_text())
    found = {
        row[0]: (Decimal(row[1]), row[2])
        for row in rows(tmp_path, columns="order_id, total_amount, status, ordered_at")
        if row[3]  # the TOTAL row has no day: staging names and rejects it
    }
    assert len(found) == orders
    assert sum(amount for amount, _ in found.values()) == Decimal(str(right["net_revenue"]))
    assert {status for _, status in found.values()} <= {"paid", "completed", "shipped"}


@pytest.mark.parametrize("case", REFUSED)
def test_cases_that_are_refused(case: str, exports: Path, tmp_path: Path) -> None:
    """The message names file, line or columns, and what to do."""
    message = refused(exports / "cases" / case, tmp_path)
    for text in REFUSED[case]:
        assert text in message


def test_every_other_case_is_landed(exports: Path, tmp_path: Path) -> None:
    """No case is refused for its values: what they mean is decided in staging."""
    for case in sorted(path for path in (exports / "cases").iterdir() if path.is_dir()):
        if case.name not in {*LANDED, *REFUSED}:
            for file in landed(case, tmp_path).files:
                assert file.landed_rows == file.records, case


@pytest.mark.parametrize("spelling", ["german", "gz", "ndjson", "parts", "utf16", "zip"])
def test_spellings_of_one_shop(spelling: str, exports: Path, tmp_path: Path) -> None:
    """The same fifty orders are landed from every spelling."""
    landed(exports / "generic" / spelling, tmp_path, file_encoding="cp1252")
    found = rows(tmp_path, columns="order_id, customer_id, shipping_city")
    landed(exports / "generic" / "zip", tmp_path)
    assert len(found) == 50
    expected = rows(tmp_path, columns="order_id, customer_id, shipping_city")
    assert sorted(found, key=str) == sorted(expected, key=str)


def test_undeclared_encoding(exports: Path, tmp_path: Path) -> None:
    """A byte that is no UTF-8 is named with its line and with how to declare what it is."""
    message = refused(exports / "generic" / "german", tmp_path)
    assert "raw_orders.csv, line 2: the byte 0xfc is no UTF-8 text" in message
    assert "Zürich" in message
    assert "VARS='{file_encoding: cp1252}'" in message


def test_names_nobody_knows(exports: Path, tmp_path: Path) -> None:
    """Where no file is a table, the message lists what there is and what is expected."""
    message = refused(exports / "generic" / "german_headers", tmp_path)
    assert "raw_orders: this table is required and was not found in" in message
    assert "There is: Bestellungen.csv." in message


# --- text -----------------------------------------------------------------------------------------


def test_headers_match_by_snake_case(tmp_path: Path) -> None:
    """Order ID, orderedAt and TOTAL-AMOUNT are the contract's; extra columns are named."""
    raw = folder_of(
        tmp_path, raw_orders__csv="Order ID;orderedAt;TOTAL-AMOUNT;Note\nO1;2025-05-01;10;x\n"
    )
    landing = landed(raw, tmp_path)
    assert rows(tmp_path, columns="order_id, ordered_at, total_amount") == [
        ("O1", "2025-05-01", "10")
    ]
    assert landing.files[0].ignored_columns == "Note"
    assert "columns ignored: Note" in landing.summary()


def test_missing_column_lists_what_there_is(tmp_path: Path) -> None:
    """Every file with a problem is told of in one go."""
    raw = folder_of(
        tmp_path,
        raw_orders__csv="order_id~ordered_at\nO1~2024-05-01\n",
        raw_payments__csv="payment_id,order_id\nP1,O1\n",
    )
    message = refused(raw, tmp_path)
    assert "raw_orders.csv: the required columns order_id, ordered_at of raw_orders are" in message
    assert "Found: order_id~ordered_at." in message
    assert "file_delimiter" in message
    assert "raw_payments.csv: the required column amount of raw_payments is missing" in message
    (raw / "raw_payments.csv").unlink()
    landed(raw, tmp_path, file_delimiter="~")
    assert len(rows(tmp_path)) == 1


def test_empty_file(tmp_path: Path) -> None:
    """A file of no bytes is named, not taken for a table without rows."""
    raw = folder_of(tmp_path, raw_orders__csv=ORDERS + ROWS, raw_refunds__csv="")
    assert "raw_refunds.csv: the file is empty" in refused(raw, tmp_path)


@pytest.mark.parametrize(
    ("line", "messages"),
    [
        ("O3,C1,2025-05-03", ["line 4: 3 values where the header names 4 columns", "O3,C1"]),
        ("O3,C1,2025-05-03,10,x", ["line 4: 5 values", "A value with a comma in it needs quotes"]),
        ('O3,"C1,2025-05-03,10', ["line 4: a quote opens a value here and never closes"]),
        ('O3,"C"1",2025-05-03,10', ["line 4: a quote stands where none can"]),
        ("O3,C\x001,2025-05-03,10", ["line 4: there is a zero byte"]),
        ("customer_id,order_id,ordered_at,total_amount", ["header stands again", "customer_id"]),
    ],
)
def test_broken_lines(line: str, messages: list[str], tmp_path: Path) -> None:
    """The file and the line are named."""
    raw = folder_of(tmp_path, raw_orders__csv=f"{ORDERS}{ROWS}{line}\n{ROWS}")
    message = refused(raw, tmp_path)
    assert message.startswith("raw_orders.csv")
    for text in messages:
        assert text in message


def test_quotes_that_are_letters(tmp_path: Path) -> None:
    """A quote inside a value that none encloses is a letter; quotes may be declared letters."""
    raw = folder_of(tmp_path, raw_orders__csv=f'{ORDERS}O1,5" pipe,2025-05-01,10\n{ROWS}')
    landed(raw, tmp_path)
    assert rows(tmp_path, columns="customer_id")[0] == ('5" pipe',)
    (raw / "raw_orders.csv").write_text(f'{ORDERS}O1,"best,2025-05-01,10\n')
    landed(raw, tmp_path, file_quote="none")
    assert rows(tmp_path, columns="customer_id") == [('"best',)]


def test_excel_writes_a_line_about_the_delimiter(tmp_path: Path) -> None:
    """sep=; above the header is no header; nor is a blank line."""
    raw = folder_of(tmp_path, raw_orders__csv="sep=;\n\n" + (ORDERS + ROWS).replace(",", ";"))
    assert landed(raw, tmp_path).files[0].records == 2


def test_pasted_header_is_no_customer(tmp_path: Path) -> None:
    """A header that stands again is left out and counted, where its values would pass as well."""
    customers = "customer_id\nC1\ncustomer_id\nC2\n"
    raw = folder_of(tmp_path, raw_orders__csv=ORDERS + ROWS, raw_customers__csv=customers)
    (file,) = [f for f in landed(raw, tmp_path).files if f.table_name == "raw_customers"]
    assert (file.records, file.landed_rows, file.repeated_headers) == (3, 2, 1)
    assert rows(tmp_path, "raw_customers") == [("C1",), ("C2",)]


def test_encodings_without_a_mark(tmp_path: Path) -> None:
    """UTF-16 must be declared; JSON is UTF-8."""
    raw = folder_of(tmp_path, raw_orders__csv=(ORDERS + ROWS).encode("utf-16-le"))
    assert "raw_orders.csv, line 1: there is a zero byte" in refused(raw, tmp_path)
    landed(raw, tmp_path, file_encoding="utf-16")
    assert len(rows(tmp_path)) == 2
    (raw / "raw_refunds.json").write_text("[]")
    landed(raw, tmp_path, file_encoding="utf-16")
    assert rows(tmp_path, "raw_refunds") == []
    (raw / "raw_refunds.json").write_bytes('[{"refund_id": "Ö"}]'.encode("cp1252"))
    with pytest.raises(IngestError, match=r"raw_refunds.json: JSON must be UTF-8"):
        landed(raw, tmp_path, file_encoding="utf-16")


def test_text_that_is_none(tmp_path: Path) -> None:
    """A workbook or a .gz under the name of a CSV file is told as what it is."""
    raw = folder_of(tmp_path, raw_orders__csv=gzip.compress(ORDERS.encode()))
    assert "raw_orders.csv: this is a .gz file, not text" in refused(raw, tmp_path)


@pytest.mark.parametrize(
    ("knob", "value", "message"),
    [
        ("file_encoding", "klingon", "'klingon' is no encoding"),
        ("file_delimiter", ";;", "must be one character"),
        ("file_quote", "x", "must be"),
        ("file_sheet", 1, "file_sheet must be a text"),
        ("file_sheet", {"order": "Export"}, "'order' is no entity; there are customers"),
    ],
)
def test_wrong_declarations(knob: str, value: Any, message: str) -> None:
    """What no file can have is told before any is read."""
    with pytest.raises(IngestError, match=message):
        Options.from_knobs({knob: value})


# --- other formats --------------------------------------------------------------------------------


def test_numbers_of_json_stay_as_written(tmp_path: Path) -> None:
    """Digits are text: none is rounded, none is lost; what is nested stays JSON."""
    text = '{"orderId": 12345678901234567890123, "ordered_at": "2025-05-01", "totalAmount": 18.30}'
    for name in ("raw_orders.ndjson", "raw_orders.json"):
        raw = tmp_path / name
        raw.write_text(text if name.endswith("ndjson") else f'{{"orders": [{text}]}}')
        landed(raw, tmp_path)
        assert rows(tmp_path, columns="order_id, total_amount") == [
            ("12345678901234567890123", "18.30")
        ]
    (tmp_path / "raw_orders.ndjson").write_text(f"{text}\n{text[:-1]}\n")
    with pytest.raises(IngestError, match=r"raw_orders.ndjson, line 2: this is no JSON"):
        landed(tmp_path / "raw_orders.ndjson", tmp_path)


def write_workbook(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    """A workbook as spreadsheets write it: numbers, days (style 1) and texts in the cells."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    with zipfile.ZipFile(path, "w") as archive:
        names = "".join(
            f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets, 1)
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{links}"><sheets>{names}</sheets></workbook>',
        )
        targets = "".join(
            f'<Relationship Id="r{n}" Type="{links}/worksheet" Target="worksheets/s{n}.xml"/>'
            for n in range(1, len(sheets) + 1)
        )
        targets += f'<Relationship Id="s" Type="{links}/styles" Target="styles.xml"/>'
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships">{targets}</Relationships>',
        )
        archive.writestr(
            "xl/styles.xml",
            f'<styleSheet xmlns="{main}"><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs>'
            "</styleSheet>",
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="b" '
            f'Type="{links}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="xml" '
            f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
            f'ContentType="{kinds}.sheet.main+xml"/></Types>',
        )
        for number, grid in enumerate(sheets.values(), 1):
            lines = "".join(f"<row>{''.join(cell(value) for value in line)}</row>" for line in grid)
            archive.writestr(
                f"xl/worksheets/s{number}.xml",
                f'<worksheet xmlns="{main}"><sheetData>{lines}</sheetData></worksheet>',
            )
    return path


def cell(value: Any) -> str:
    """A cell: a text, a number, a day's number in a tuple, or nothing."""
    if value is None:
        return "<c/>"
    if isinstance(value, tuple):
        return f'<c s="1"><v>{value[0]}</v></c>'
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
    return f"<c><v>{value}</v></c>"


GRID = [
    ["Order ID", "Customer ID", "Ordered At", "Total Amount"],
    ["O1", 17850, (45778.5,), 10.5],
    [None, None, None, None],
    ["O2", None, "2025-05-02", 20],
]


def test_workbook_with_a_sheet_per_table(tmp_path: Path) -> None:
    """Sheets are tables by their names; whole numbers have no .0, days are ISO, blank rows none."""
    sheets = {"Orders": GRID, "Notes": [["hello"]], "raw_products": [["Product ID"], ["P1"]]}
    raw = write_workbook(tmp_path / "shop.xlsx", sheets)
    landing = landed(raw, tmp_path)
    assert rows(tmp_path) == [
        ("O1", "17850", "2025-05-01 12:00:00", "10.5"),
        ("O2", None, "2025-05-02", "20"),
    ]
    assert rows(tmp_path, "raw_products") == [("P1",)]
    assert [f.file for f in landing.files if f.ignored_because] == ["shop.xlsx, sheet Notes"]


def test_workbook_with_a_sheet_named(tmp_path: Path) -> None:
    """Sheets without a table's name: the only one, or the one that is declared."""
    raw = write_workbook(tmp_path / "raw_orders.xlsx", {"Tabelle1": GRID, "Tabelle2": [["x"]]})
    message = refused(raw, tmp_path)
    assert "which sheet holds raw_orders?" in message
    assert "There are: Tabelle1, Tabelle2." in message
    landed(raw, tmp_path, file_sheet={"orders": "Tabelle1"})
    assert len(rows(tmp_path)) == 2


def write_parquet(path: Path, query: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"copy ({query}) to '{path}' (format parquet)")


def test_parquet_of_the_contract_is_read_in_place(tmp_path: Path) -> None:
    """No byte of it is copied; parts of one shape are together."""
    raw = tmp_path / "raw"
    (raw / "raw_orders").mkdir(parents=True)
    for part in (1, 2):
        write_parquet(
            raw / "raw_orders" / f"part-{part}.parquet",
            f"select 'O{part}' as order_id, date '2025-05-01' as ordered_at",
        )
    landing = landed(raw, tmp_path)
    assert [(f.landed_rows, f.is_in_place) for f in landing.files] == [(1, True), (1, True)]
    links = sorted((tmp_path / "landed" / "raw_orders").iterdir())
    assert [link.resolve() for link in links] == sorted((raw / "raw_orders").iterdir())


def test_other_parquet_is_copied(tmp_path: Path) -> None:
    """Other names become the contract's, and parts of two shapes are text."""
    raw = tmp_path / "raw"
    raw.mkdir()
    write_parquet(raw / "orders_1.parquet", "select 1 as \"Order ID\", '2025-05-01' as ordered_at")
    write_parquet(
        raw / "orders_2.parquet", "select '#2' as order_id, date '2025-05-01' as ordered_at"
    )
    assert not any(f.is_in_place for f in landed(raw, tmp_path).files)
    assert rows(tmp_path, columns="order_id, ordered_at") == [
        ("1", "2025-05-01"),
        ("#2", "2025-05-01"),
    ]
    (raw / "orders_1.parquet").write_bytes((raw / "orders_1.parquet").read_bytes()[:-9])
    with pytest.raises(IngestError, match=r"orders_1.parquet: this is no Parquet file"):
        landed(raw, tmp_path)


# --- places ---------------------------------------------------------------------------------------


def test_files_of_a_folder(tmp_path: Path) -> None:
    """Parts are together by column names, repeats are counted, the others named with a reason."""
    raw = folder_of(
        tmp_path,
        raw_orders__csv=ORDERS + ROWS,
        raw_orders_2024__csv="ordered_at,order_id,status\n2024-05-01,O0,paid\n",
        raw_orders_again__csv=ORDERS + ROWS + "O3,C3,2025-05-03,30\n",
        notes__docx="x",
        budget__csv="a\n",
    )
    (raw / "old").mkdir()
    (raw / "old" / "raw_orders.csv").write_text(ORDERS + ROWS)
    landing = landed(raw, tmp_path)
    assert {f.file: (f.landed_rows, f.repeated_rows) for f in landing.files if f.table_name} == {
        "raw_orders.csv": (2, 0),
        "raw_orders_2024.csv": (1, 0),
        "raw_orders_again.csv": (3, 2),
    }
    assert {f.file: f.ignored_because for f in landing.files if f.ignored_because} == {
        "budget.csv": "its name is no table of the contract",
        "notes.docx": "not a kind of file that is read",
        "old/raw_orders.csv": "its folder is no table of the contract",
    }
    summary = landing.summary()
    assert "2 row(s) stand in another file of this table, too" in summary
    assert "ignored: budget.csv" in summary
    with duckdb.connect() as connection:
        recorded = connection.execute(
            f"select file, records from '{tmp_path}/landed/raw_files.parquet' where records > 1"
        ).fetchall()
    assert recorded == [("raw_orders.csv", 2), ("raw_orders_again.csv", 3)]
    assert ("O0", None, "paid") in rows(tmp_path, columns="order_id, customer_id, status")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.json", '[{{"order_id": "{0}", "ordered_at": "2025-05-01"}}]'),
        ("x.csv", "order_id,ordered_at\r\n{0},2025-05-01\n"),  # written anew: two kinds of line end
    ],
)
def test_parts_of_one_name(name: str, content: str, tmp_path: Path) -> None:
    """Files of two folders share a name and nothing else."""
    for part in ("a", "b"):
        folder = tmp_path / "raw" / "raw_orders" / part
        folder.mkdir(parents=True)
        (folder / name).write_bytes(content.format(part).encode())
    landed(tmp_path / "raw", tmp_path)
    assert rows(tmp_path, columns="order_id") == [("a",), ("b",)]


def test_one_broken_part(tmp_path: Path) -> None:
    """It stops them all, by its name and no other's."""
    raw = folder_of(
        tmp_path,
        raw_orders_a__csv=ORDERS + ROWS,
        raw_orders_b__csv=f"{ORDERS}O1\n",
        raw_orders_c__csv=ORDERS + ROWS,
    )
    message = refused(raw, tmp_path)
    assert message.startswith("raw_orders_b.csv, line 2: 1 value where the header names 4 columns")
    assert "raw_orders_a" not in message


def test_one_table_saved_twice(tmp_path: Path) -> None:
    """Two formats of one name would count every order twice."""
    raw = folder_of(tmp_path, raw_orders__csv=ORDERS + ROWS, raw_orders__tsv="x")
    assert "raw_orders.csv and raw_orders.tsv: the same table saved twice" in refused(raw, tmp_path)


@pytest.mark.parametrize("name", ["it's $HOME", "a  b", 'q"x', "Ü [1]", "st*r ?", "status=pending"])
def test_folders_of_any_name(name: str, tmp_path: Path) -> None:
    """A folder is itself whatever characters its name has, and a glob reaches into it."""
    folder = tmp_path / name
    folder.mkdir()
    (folder / "raw_orders.csv").write_text(ORDERS + ROWS)
    other = tmp_path / "star"
    other.mkdir()
    (other / "raw_orders.csv").write_text(ORDERS + "X,X,2025-01-01,1\n")
    landed(folder, tmp_path)
    assert rows(tmp_path, columns="order_id") == [("O1",), ("O2",)]
    landed(tmp_path / "s*r" / "raw_*.csv", tmp_path)
    assert ("X",) in rows(tmp_path, columns="order_id")


def test_place_that_is_not_there(tmp_path: Path) -> None:
    """The message lists what is beside it."""
    folder_of(tmp_path, raw_orders__csv=ORDERS)
    message = refused(tmp_path / "raw" / "order.csv", tmp_path)
    assert "there is no such file or folder" in message
    assert f"In {tmp_path / 'raw'} there is: raw_orders.csv." in message


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """The address of a server on this machine that serves tmp_path/raw."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        """Serves files in silence."""

        def log_message(self, *arguments: Any) -> None:
            pass

    handler = partial(Handler, directory=str(tmp_path / "raw"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_url(web: str, tmp_path: Path) -> None:
    """A file behind a URL is fetched; one that is not there is told of."""
    folder_of(tmp_path, raw_orders__csv=ORDERS + ROWS)
    landed(f"{web}/raw_orders.csv", tmp_path)
    assert len(rows(tmp_path)) == 2
    with pytest.raises(IngestError, match=r"cannot be fetched.*404"):
        landed(f"{web}/orders.csv", tmp_path)


# --- into PostgreSQL, through make, into the marts ------------------------------------------------


def test_postgres_holds_what_duckdb_reads(tmp_path: Path) -> None:
    """The same rows; a second landing leaves views in place; tables of others are left alone."""
    raw = folder_of(
        tmp_path,
        raw_orders__csv=ORDERS + ROWS + '"#3","a ""b"",\nc",2025-05-03,\n',
        orders_2__ndjson='{"order_id": "\\\\N", "ordered_at": "2025-05-03", "status": "Ü"}\n',
        raw_customers__csv="customer_id\nC1\n",
    )
    columns = "order_id, customer_id, ordered_at, status, total_amount"
    landed(raw, tmp_path)
    with (
        running_postgres() as target,
        closing(psycopg2.connect(**target)) as connection,
        connection.cursor() as cursor,
    ):
        schema = "My $hop"
        land(str(raw), tmp_path / "other", Options(), connection, schema)
        cursor.execute(f'select {columns} from "{schema}".raw_orders')
        assert cursor.fetchall() == rows(tmp_path, columns=columns)
        cursor.execute(f'select sum(landed_rows), sum(records) from "{schema}".raw_files')
        assert cursor.fetchall() == [(5, 5)]
        cursor.execute(f'create view seen as select order_id from "{schema}".raw_orders')
        connection.commit()
        (raw / "raw_customers.csv").unlink()
        land(str(raw), tmp_path / "other", Options(), connection, schema)
        cursor.execute(
            f'select (select count(*) from seen), count(*) from "{schema}".raw_customers'
        )
        assert cursor.fetchall() == [(4, 0)]
        cursor.execute("create schema own")
        cursor.execute("create table own.raw_orders (order_id text)")
        connection.commit()
        with pytest.raises(IngestError, match="the schema own holds raw_orders, which were not"):
            land(str(raw), tmp_path / "other", Options(), connection, "own")


@pytest.mark.parametrize("value", ['it\'s $HOME $(RAW) "x" Ü  *', "{a: 'b', c: \"$d\"}"])
def test_make_passes_names_as_typed(value: str) -> None:
    """Quotes, $, blanks and capitals reach the scripts unharmed."""
    rule = 'show: ; @printf "%s|%s|%s" "$$RAW" "$$VARS" "$$WAREHOUSE"'
    shown = subprocess.run(
        [
            "make",
            "--silent",
            "--eval",
            rule,
            "show",
            f"RAW={value}",
            f"VARS={value}",
            f"WAREHOUSE={value}",
        ],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout == "|".join([value] * 3)
    recipes = subprocess.run(
        ["make", "--dry-run", "--always-make", "build", f"RAW={value}"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert '--raw "$RAW"' in recipes.stdout


@pytest.mark.parametrize("engine", ENGINES)
def test_from_files_to_facts(
    engine: str,
    new_warehouse: Callable[[str], Warehouse],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What make build does with a folder of parts in several formats, up to the facts."""
    raw = tmp_path / "It's [1] $hop *"
    (raw / "raw_orders").mkdir(parents=True)
    (raw / "raw_orders" / "a.csv").write_bytes((ORDERS + ROWS).replace(",", "\t").encode("utf-16"))
    (raw / "raw_orders" / "b.json").write_text(
        '[{"Order ID": "#3", "orderedAt": "2025-05-03", "total_amount": 30.50, "status": "paid"}]'
    )
    (raw / "raw_orders" / "c.csv").write_text(f"{ORDERS}TOTAL,,,60.50\n")
    warehouse = new_warehouse(engine)
    for name, value in warehouse.environment.items():
        monkeypatch.setenv(name, value)
    options = build.parse(["--source", "landed", "--raw", str(raw), "--target", engine])
    variables = build.build_variables(options)
    assert build.is_to_land(options)
    variables |= build.land_files(options, variables)
    warehouse.build("--select", "+fct_orders", "+rejected_rows", *NO_TESTS, **variables)
    assert warehouse.query(
        "select order_id, net_revenue from analytics.fct_orders order by order_id"
    ) == [("#3", Decimal("30.50")), ("O1", Decimal(10)), ("O2", Decimal(20))]
    assert warehouse.query("select row_key, rejection_reason from quality.rejected_rows") == [
        ("TOTAL", "missing ordered_at")
    ]
