"""CSV, TSV and TXT: the dialect is read off the header line or declared, never guessed from rows.

Two readers share the work and check each other. `scan` walks the bytes: text in UTF-8 only, quotes
where they belong, records between line ends outside quotes. DuckDB, given every option of the
dialect, reads the values. Files it does not read as they are (line ends of several kinds) are
written anew by Python's csv first.
"""

from __future__ import annotations

import codecs
import csv
import io
import mmap
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from ingest.contract import IngestError, Table, match_columns, snake_case
from ingest.options import DELIMITERS
from ingest.part import Input, Part, file_literal, fresh, literal
from ingest.text import BLOCK

HEADER_BYTES = 1 << 20
LINE_FEED, RETURN, QUOTES = 10, 13, {'"': 34, "'": 39}
LONGEST_LINE = 1 << 26  # a review may hold a novel
NAMES = {letter: name for name, letter in DELIMITERS.items()}
csv.field_size_limit(sys.maxsize)


@dataclass(frozen=True)
class Dialect:
    """How a file is written."""

    delimiter: str
    quote: str  # empty where quotes are letters like others
    header: list[str]
    lines_above: int = 0  # blank lines and Excel's sep=; before the header
    has_loose_quotes: bool = False  # quotes inside values, or blanks before those that open one

    def reader(self, lines: Iterator[str], strict: bool = True) -> Iterator[list[str]]:
        """Python's reader of this dialect."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote or None,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            skipinitialspace=self.has_loose_quotes and self.delimiter != "\t",
            strict=strict,
        )


@dataclass
class Scan:
    """What walking the bytes of a file found."""

    ends: int = 0  # line ends outside quotes, blank lines among them
    blank: int = 0
    kinds: tuple[int, int, int] = (0, 0, 0)  # outside quotes: line feeds, both, returns
    quotes: int = 0
    last_quote: int = 0
    stray: bool = False  # a quote that neither opens nor closes a value: parity counts nothing
    at_line_start: bool = True

    def records(self, width: int) -> int:
        """Records, the header among them; a blank line is one only where it is an empty value."""
        unended = 0 if self.at_line_start else 1
        return self.ends + unended - (self.blank if width > 1 else 0)

    @property
    def has_one_line_end(self) -> bool:
        """Whether all line ends of the file are of one kind."""
        return sum(count > 0 for count in self.kinds) <= 1


def csv_part(given: Input, path: Path, options: tuple[str, str], work: Path) -> Part:
    """The rows of a delimited text file, UTF-8 at `path`; options are delimiter and quote."""
    dialect = read_header(path, given.name, given.table, *options)
    hint = " If the header was cut in the wrong places, declare file_delimiter."
    places = match_columns(given.name, dialect.header, given.table, hint)
    found = scan(path, given.name, dialect)
    width = len(dialect.header)
    if found.stray:
        dialect = replace(dialect, has_loose_quotes=True)
        records = sum(1 for _ in records_of(path, given.name, dialect)) - 1
    else:
        records = found.records(width) - 1 - blank_above(path, dialect, width)
    if found.has_one_line_end:
        relation = reader_of(path, dialect)
    else:
        relation = rewrite(path, given.name, dialect, work)
    return Part(
        input=given,
        relation=relation,
        columns={column: f"c{place}" for column, place in places.items()},
        records=records,
        ignored_columns=tuple(n for i, n in enumerate(dialect.header) if i not in places.values()),
        header={column: dialect.header[place] for column, place in places.items()},
        delimiter=NAMES.get(dialect.delimiter, dialect.delimiter),
        rewrite=partial(rewrite, path, given.name, dialect, work),
    )


def read_header(path: Path, name: str, table: Table, delimiter: str, quote: str) -> Dialect:
    """The dialect, by the header alone: the delimiter that gives the most columns of the table."""
    with path.open("rb") as file:
        head = file.read(HEADER_BYTES).removeprefix(codecs.BOM_UTF8)
    lines = io.StringIO(head.decode("utf-8", "ignore"), newline="").readlines()
    above = 0
    while above < len(lines):
        line = lines[above].strip("\r\n").strip('"')
        if line.lower().startswith("sep="):
            delimiter = delimiter or line[4:5]
        elif line.strip():
            break
        above += 1
    if not lines[above:]:
        raise IngestError(f"{name}: the file is empty. It needs a line with the column names.")
    candidates = []
    for letter in delimiter or ",;\t|":
        dialect = Dialect(letter, quote, [], above)
        try:
            header = next(dialect.reader(iter(lines[above:]), strict=False), [])
        except csv.Error:
            continue
        known = {snake_case(column) for column in header} & set(table.columns)
        candidates.append((len(known), len(header), replace(dialect, header=header)))
    # the first of equals: a comma where the header has one column
    return max(candidates, key=lambda candidate: candidate[:2])[2]


def blank_above(path: Path, dialect: Dialect, width: int) -> int:
    """How many of the lines above the header `scan` took for records."""
    with path.open("rb") as file:
        lines = file.read(HEADER_BYTES).splitlines()[: dialect.lines_above]
    return sum(1 for line in lines if width == 1 or line.removeprefix(codecs.BOM_UTF8))


def reader_of(path: Path, dialect: Dialect) -> str:
    """DuckDB's reader with nothing left to its sniffer but the kind of the first line end."""
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(dialect.header)))
    options = {
        "auto_detect": "false",
        "header": "true",
        "skip": str(dialect.lines_above),
        "delim": literal(dialect.delimiter),
        "quote": literal(dialect.quote),
        "escape": literal(dialect.quote),
        "comment": "''",
        "nullstr": "''",
        "null_padding": "false",
        "ignore_errors": "false",
        "strict_mode": "true",
        "hive_partitioning": "false",
        "columns": f"{{{columns}}}",
    }
    given = ", ".join(f"{option} = {value}" for option, value in options.items())
    return f"read_csv({file_literal(path)}, {given})"


def scan(path: Path, name: str, dialect: Dialect) -> Scan:
    """Walk the bytes once, most of it at the speed of memory."""
    found = Scan()
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        start = len(codecs.BOM_UTF8) if data[:3] == codecs.BOM_UTF8 else 0
        while start < len(data):
            end = min(start + BLOCK, len(data))
            if data[end - 1] == RETURN and data[end : end + 1] == b"\n":
                end += 1
            block = data[start:end]
            check_text(data, start, block, decoder, end == len(data), name)
            if dialect.quote and dialect.quote.encode() in block:
                scan_quoted(data, start, block, dialect, found)
            else:
                scan_plain(block, found)
            if found.stray:
                return found
            start = end
        if found.quotes % 2:
            raise IngestError(
                f"{name}, line {line_at(data, found.last_quote)}: a quote opens a value here and "
                "never closes. Close it, or declare file_quote: none if quotes are letters."
            )
    return found


def check_text(
    data: mmap.mmap,
    start: int,
    block: bytes,
    decoder: codecs.IncrementalDecoder,
    is_last: bool,
    name: str,
) -> None:
    """Stop at bytes that are no UTF-8 text."""
    if b"\0" in block:
        line = line_at(data, start + block.index(b"\0"))
        raise IngestError(
            f"{name}, line {line}: there is a zero byte, so this is no text, or UTF-16 without a "
            "byte-order mark: declare file_encoding: utf-16."
        )
    if block.isascii() and not decoder.getstate()[0]:
        return
    try:
        decoder.decode(block, final=is_last)
    except UnicodeDecodeError as error:
        # the decoder may have kept bytes of the block before
        at = start + error.start - (len(error.object) - len(block))
        shown = data[max(at - 20, 0) : at + 20].decode("cp1252", "replace").strip()
        raise IngestError(
            f"{name}, line {line_at(data, at)}: the byte 0x{error.object[error.start]:02x} is no "
            f"UTF-8 text. If {shown!r} reads right, declare file_encoding: cp1252 "
            "(VARS='{file_encoding: cp1252}')."
        ) from error


def scan_plain(block: bytes, found: Scan) -> None:
    """Count line ends of a block without quotes."""
    if found.quotes % 2:
        return
    opens_blank = found.at_line_start and block[0] in b"\r\n"
    if opens_blank or b"\n\n" in block or b"\n\r" in block:
        scan_array(np.frombuffer(block, np.uint8), np.empty(0, np.int64), found)
        return
    both, returns = block.count(b"\r\n"), block.count(b"\r")
    if returns > both:
        scan_array(np.frombuffer(block, np.uint8), np.empty(0, np.int64), found)
        return
    feeds = block.count(b"\n")
    found.kinds = (found.kinds[0] + feeds - both, found.kinds[1] + both, found.kinds[2])
    found.ends += feeds
    found.at_line_start = block[-1] == LINE_FEED


def scan_quoted(data: mmap.mmap, start: int, block: bytes, dialect: Dialect, found: Scan) -> None:
    """Count line ends outside quotes, and see that each quote opens, closes or escapes."""
    quote = QUOTES[dialect.quote]
    array = np.frombuffer(block, np.uint8)
    quotes = np.flatnonzero(array == quote)
    before = array[quotes - 1]
    after = array[np.minimum(quotes + 1, len(array) - 1)]
    if quotes[0] == 0:
        before[0] = data[start - 1] if found.last_quote or start > 3 else LINE_FEED
    if quotes[-1] == len(array) - 1:
        end = start + len(array)
        after[-1] = data[end] if end < len(data) else LINE_FEED
    first = found.quotes % 2
    edges = np.zeros(256, bool)
    # "" inside a value closes and opens: a quote beside a quote is in its place as well
    edges[[ord(dialect.delimiter), LINE_FEED, RETURN, quote]] = True
    opens, closes = before[first::2], after[1 - first :: 2]
    if not (edges[opens].all() and edges[closes].all()):
        found.stray = True
        return
    scan_array(array, quotes, found)
    found.quotes += len(quotes)
    found.last_quote = start + int(quotes[-1])


def scan_array(array: np.ndarray, quotes: np.ndarray, found: Scan) -> None:
    """Count line ends where quotes or blank lines need a closer look."""
    starts, length, kind = line_ends(array)
    outside = (found.quotes + np.searchsorted(quotes, starts)) % 2 == 0
    starts, length, kind = starts[outside], length[outside], kind[outside]
    ends = starts + length
    line_starts = np.concatenate([[0 if found.at_line_start else -1], ends[:-1]])
    counts = np.bincount(kind, minlength=3)
    found.kinds = tuple(int(old + new) for old, new in zip(found.kinds, counts, strict=True))
    found.ends += len(starts)
    found.blank += int((starts == line_starts[: len(starts)]).sum())
    inside = (found.quotes + len(quotes)) % 2
    found.at_line_start = not inside and len(ends) > 0 and int(ends[-1]) == len(array)


def line_ends(array: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where line ends start, how long they are, and their kind: feed, both, return."""
    feeds = np.flatnonzero(array == LINE_FEED)
    returns = np.flatnonzero(array == RETURN)
    if not len(returns):
        return feeds, np.ones(len(feeds), np.int8), np.zeros(len(feeds), np.int8)
    paired = np.zeros(len(returns), bool)
    inner = returns < len(array) - 1
    paired[inner] = array[returns[inner] + 1] == LINE_FEED
    if len(feeds) == len(returns) and paired.all():
        return returns, np.full(len(returns), 2, np.int8), np.ones(len(returns), np.int8)
    feeds = np.setdiff1d(feeds, returns[paired] + 1, assume_unique=True)
    starts = np.concatenate([feeds, returns])
    length = np.concatenate([np.ones(len(feeds), np.int8), np.where(paired, 2, 1).astype(np.int8)])
    kind = np.concatenate([np.zeros(len(feeds), np.int8), np.where(paired, 1, 2).astype(np.int8)])
    order = np.argsort(starts, kind="stable")
    return starts[order], length[order], kind[order]


def line_at(data: mmap.mmap, position: int) -> int:
    """The number of the line that a byte stands on."""
    above = data[:position]
    return 1 + above.count(b"\n") + above.count(b"\r") - above.count(b"\r\n")


def records_of(path: Path, name: str, dialect: Dialect) -> Iterator[list[str]]:
    """The records as Python's csv reads them, header first; what breaks the dialect is an error."""
    width = len(dialect.header)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for _ in range(dialect.lines_above):
            next(lines)
        reader = dialect.reader(lines)
        begins = dialect.lines_above + 1
        while True:
            try:
                record = next(reader, None)
            except csv.Error as error:
                raise IngestError(
                    f"{name}, line {begins}: a quote stands where none can ({error}). Double the "
                    "quotes inside a quoted value, or declare file_quote: none if quotes are "
                    "letters."
                ) from error
            if record is None:
                return
            if width == 1 and not record:
                record = [""]
            if record:
                if len(record) == width + 1 and not record[-1]:
                    record.pop()  # a delimiter at the end of the line
                if len(record) != width:
                    raise ragged(name, begins, record, dialect)
                yield record
            begins = dialect.lines_above + reader.line_num + 1


def ragged(name: str, line: int, record: list[str], dialect: Dialect) -> IngestError:
    """A record with too few or too many values."""
    text = dialect.delimiter.join(record)
    shown = text if len(text) <= 80 else text[:79] + "…"
    delimiter = NAMES.get(dialect.delimiter, dialect.delimiter)
    counted = f"{len(record)} value{'s' * (len(record) != 1)}"
    hint = (
        f"A value with a {delimiter} in it needs quotes around it."
        if len(record) > len(dialect.header)
        else "Complete the line, or delete it if it is a note."
    )
    return IngestError(
        f"{name}, line {line}: {counted} where the header names {len(dialect.header)} columns: "
        f"{shown!r}. {hint}"
    )


def rewrite(path: Path, name: str, dialect: Dialect, work: Path) -> str:
    """DuckDB's reader of the same records with commas, quotes and one kind of line end."""
    copy = fresh(work)
    with copy.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(records_of(path, name, dialect))
    return reader_of_own(copy, dialect.header)


def reader_of_own(path: Path, header: list[str]) -> str:
    """DuckDB's reader of a file this package wrote, with room for values as long as a novel."""
    relation = reader_of(path, Dialect(",", '"', header))
    return f"{relation.removesuffix(')')}, max_line_size = {LONGEST_LINE})"
