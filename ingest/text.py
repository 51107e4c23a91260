"""Bytes → a UTF-8 file without losing or inventing a character."""

from __future__ import annotations

import codecs
import gzip
import zlib
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from ingest.contract import IngestError

BLOCK = 1 << 22
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def gunzip(path: Path, name: str, target: Path) -> Path:
    """Unpack a .gz file; one that was cut off is an error, not a smaller shop."""
    try:
        with gzip.open(path) as packed, target.open("wb") as plain:
            while block := packed.read(BLOCK):
                plain.write(block)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise IngestError(
            f"{name}: the file is cut off or damaged ({error}). Download or copy it again."
        ) from error
    return target


def unzip(archive: ZipFile, member: str, name: str, target: Path) -> Path:
    """Unpack a file of a .zip; its checksum is checked."""
    try:
        with archive.open(member) as packed, target.open("wb") as plain:
            while block := packed.read(BLOCK):
                plain.write(block)
    except (EOFError, zlib.error, BadZipFile) as error:
        raise IngestError(
            f"{name}: the file is cut off or damaged ({error}). Download or copy it again."
        ) from error
    except (RuntimeError, NotImplementedError) as error:
        raise IngestError(f"{name}: cannot be unpacked ({error}). Unpack it yourself.") from error
    return target


def as_utf8(path: Path, name: str, declared: str, target: Path) -> tuple[Path, str]:
    """A UTF-8 file with the same text, the file itself where it is one, and its encoding.

    A byte-order mark decides, then what is declared, else UTF-8 is expected: csv_files.scan tells
    the line where that is not so. A text that is UTF-8 throughout is UTF-8, whatever is declared:
    one declaration may serve a folder of both, and letters in another encoding do not look so.
    """
    with path.open("rb") as file:
        head = file.read(64)
    check_kind(head, name)
    mark, encoding = next((known for known in MARKS if head.startswith(known[0])), (b"", ""))
    if not encoding:
        encoding = codecs.lookup(declared or "utf-8").name
        if encoding == "utf-16":  # declared, and no mark says which
            encoding = "utf-16-be" if head[:1] == b"\0" else "utf-16-le"
    is_wide = encoding.startswith(("utf-16", "utf-32"))
    if b"\0" in head and not is_wide:
        raise IngestError(
            f"{name}, line 1: there is a zero byte, so this is no text, or UTF-16 without a "
            "byte-order mark: declare file_encoding: utf-16."
        )
    if encoding in ("utf-8", "utf-8-sig", "ascii") or (not is_wide and is_utf8(path)):
        return path, "utf-8"
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 1
    with path.open("rb") as file, target.open("wb") as plain:
        file.seek(len(mark))
        while True:
            block = file.read(BLOCK)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                good = error.object[: error.start].decode(encoding, "ignore")
                bad = error.object[error.start : error.end].hex(" ")
                raise IngestError(
                    f"{name}, line {lines + good.count(chr(10))}: the bytes {bad} are no text in "
                    f"{encoding}. Declare what the file is written in: file_encoding."
                ) from error
            plain.write(text.encode("utf-8"))
            lines += text.count("\n")
            if not block:
                return target, encoding


def is_utf8(path: Path) -> bool:
    """Whether a file is UTF-8 throughout."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while block := file.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def check_kind(head: bytes, name: str) -> None:
    """Stop at a file whose name promises text and that holds something else."""
    kinds = {
        b"PK\x03\x04": "a .zip file or an Excel workbook",
        b"\x1f\x8b": "a .gz file",
        b"PAR1": "a Parquet file",
        b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls)",
        b"%PDF": "a PDF",
    }
    for mark, kind in kinds.items():
        if head.startswith(mark):
            raise IngestError(f"{name}: this is {kind}, not text. Give it the name of what it is.")
