"""File, folder, glob or URL → the files of each table, and those that are not used, by name."""

from __future__ import annotations

import shutil
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zipfile import BadZipFile, ZipFile

from ingest.contract import IngestError, Table, snake_case
from ingest.options import Options
from ingest.part import Input
from ingest.text import gunzip, unzip
from ingest.xlsx_files import sheets_of

KINDS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".json": "json",
    ".ndjson": "json",
    ".jsonl": "json",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".parquet": "parquet",
}
NO_FILES = ("__MACOSX", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Ignored:
    """A file that lies there and is not used."""

    name: str
    bytes: int
    reason: str


@dataclass
class Finding:
    """What RAW holds."""

    raw: str
    tables: dict[str, Table]
    options: Options
    work: Path
    inputs: list[Input] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unpacked: int = 0

    def take(self, path: Path, name: str, folder: str, size: int | None = None) -> None:
        """Take a file in, whatever it is; the name of `folder` may stand for its own."""
        size = path.stat().st_size if size is None else size
        try:
            self.take_kind(path, name, folder, size)
        except IngestError as error:
            self.problems.extend(error.problems)

    def take_kind(self, path: Path, name: str, folder: str, size: int) -> None:
        """Take a file in by its ending."""
        plain = Path(name).name
        ending = Path(plain).suffix.lower()
        if ending == ".zip":
            self.take_zip(path, name, folder)
        elif ending == ".gz":
            self.take_gz(path, name, folder, size)
        elif ending not in KINDS:
            self.ignore(name, size, "not a kind of file that is read")
        elif KINDS[ending] == "xlsx" and size:
            self.take_workbook(path, name, folder, size)
        else:
            self.add(path, name, KINDS[ending], self.table_of(plain, folder), size)

    def add(self, path: Path, name: str, kind: str, table: Table | None, size: int) -> None:
        """Add a file to its table."""
        if table is None:
            self.ignore(name, size, "its name is no table of the contract")
        elif path.stat().st_size == 0:
            self.problems.append(
                f"{name}: the file is empty. Fill it, or delete it if {table.name} has no rows."
            )
        else:
            self.inputs.append(Input(name, path, kind, table, size))

    def take_gz(self, path: Path, name: str, folder: str, size: int) -> None:
        """Unpack a .gz file of a table."""
        inner = name[: -len(".gz")]
        if Path(inner).suffix.lower() not in KINDS:
            self.ignore(name, size, "not a kind of file that is read")
        elif self.table_of(Path(inner).name, folder) is None and not inner.endswith(".xlsx"):
            self.ignore(name, size, "its name is no table of the contract")
        else:
            plain = gunzip(path, name, self.place(inner))
            self.take_kind(plain, inner, folder, size)
            self.inputs = [
                Input(name, i.path, i.kind, i.table, i.bytes, i.sheet) if i.path == plain else i
                for i in self.inputs
            ]

    def take_zip(self, path: Path, name: str, folder: str) -> None:
        """Unpack the files of a .zip; a single one may leave it to the .zip to name its table."""
        try:
            with ZipFile(path) as archive:
                members = [m for m in archive.infolist() if not m.is_dir() and is_file(m.filename)]
                if len(members) == 1 and self.table_of(Path(name).name, ""):
                    folder = Path(name).stem
                for member in members:
                    inner, plain = f"{name}/{member.filename}", Path(member.filename)
                    parent = plain.parent.name or folder
                    if plain.suffix.lower() in (*KINDS, ".gz"):
                        unpacked = unzip(archive, member.filename, inner, self.place(plain.name))
                        self.take(unpacked, inner, parent, member.compress_size)
                    else:
                        self.ignore(inner, member.file_size, "not a kind of file that is read")
        except (BadZipFile, OSError) as error:
            raise IngestError(
                f"{name}: the file is cut off or no .zip ({error}). Download or copy it again."
            ) from error

    def take_workbook(self, path: Path, name: str, folder: str, size: int) -> None:
        """A workbook has a sheet per table, or one sheet and the name of a table."""
        sheets = sheets_of(path, name)
        own = self.table_of(Path(name).name, folder)
        named = self.options.of(own, "file_sheet") if own else self.one_sheet()
        if named and named not in sheets:
            raise IngestError(
                f"{name}: there is no sheet {named!r} (file_sheet). There are: {', '.join(sheets)}."
            )
        by_sheet = {s: self.table_of(s, "") for s in sheets if not named or s == named}
        if not any(by_sheet.values()) and len(by_sheet) == 1 and own:
            by_sheet = dict.fromkeys(by_sheet, own)
        if not any(by_sheet.values()) and own:
            raise IngestError(
                f"{name}: which sheet holds {own.name}? Name it with file_sheet. There are: "
                f"{', '.join(sheets)}."
            )
        for sheet in sheets:
            table, full = by_sheet.get(sheet), f"{name}, sheet {sheet}"
            if table is None:
                self.ignore(full, size, "its name is no table of the contract")
            else:
                self.inputs.append(Input(full, path, "xlsx", table, size, sheet))

    def one_sheet(self) -> str:
        """The sheet that is named for all workbooks."""
        return self.options.file_sheet if isinstance(self.options.file_sheet, str) else ""

    def table_of(self, name: str, folder: str) -> Table | None:
        """The table that a file name stands for, or else that of the folder it lies in.

        raw_orders.csv, Orders.csv, orders_2024.csv and raw_orders/anything.csv are raw_orders.
        """
        stem = name
        while Path(stem).suffix.lower() in (*KINDS, ".gz", ".zip"):
            stem = Path(stem).stem
        for text in (stem, folder):
            known = snake_case(text).removeprefix("raw_")
            for entity in sorted(self.tables, key=len, reverse=True):
                rest = known.removeprefix(entity + "_")
                if known == entity or (rest != known and rest not in self.tables):
                    return self.tables[entity]
        return None

    def ignore(self, name: str, size: int, reason: str) -> None:
        """Remember a file that is not used."""
        self.ignored.append(Ignored(name, size, reason))

    def place(self, name: str) -> Path:
        """A place for an unpacked file."""
        self.unpacked += 1
        folder = self.work / f"unpacked_{self.unpacked}"
        folder.mkdir()
        return folder / Path(name).name


def find(raw: str, tables: dict[str, Table], options: Options, work: Path) -> Finding:
    """The files of each table at RAW."""
    found = Finding(raw, tables, options, work)
    take_all(found)
    found.problems += twins(found.inputs)
    missing = [t for t in tables.values() if t.is_required] if not found.problems else []
    for table in missing:
        if all(given.table != table for given in found.inputs):
            there = [given.name for given in found.inputs] + [i.name for i in found.ignored]
            found.problems.append(
                f"{table.name}: this table is required and was not found in {raw}. Expected "
                f"{table.name}.csv, .tsv, .xlsx, .json or .parquet, or a folder {table.name}, with "
                f"the columns {', '.join(table.columns)}. There is: {listed(there)}."
            )
    return found


def listed(names: list[str], most: int = 20) -> str:
    """Names in a sentence."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more if names else "no file"


def take_all(found: Finding) -> None:
    """Take in every file at RAW."""
    if found.raw.startswith(("http://", "https://")):
        path = download(found.raw, found.work)
        found.take(path, path.name, "")
        return
    for path in check_place_of(found.raw):
        if not is_file(path.name):
            continue
        if not path.is_dir():
            found.take(path, path.name, path.absolute().parent.name)
        elif found.table_of("", path.name) is None:
            for file in files_below(path):
                name = str(file.relative_to(path.parent))
                found.ignore(name, file.stat().st_size, "its folder is no table of the contract")
        else:
            for file in files_below(path):
                found.take(file, str(file.relative_to(path.parent)), path.name)


def check_place_of(raw: str) -> list[Path]:
    """The files and folders at RAW; none for a URL. What is not there is an error.

    A name that exists is that file or folder, whatever characters it has; else it is a pattern.
    """
    if raw.startswith(("http://", "https://")):
        return []
    if "://" in raw and not raw.startswith("file://"):
        raise IngestError(
            f"RAW={raw}: only http, https and file are fetched. Copy the files here first."
        )
    base = Path(unquote(urlsplit(raw).path) if raw.startswith("file://") else raw).expanduser()
    if base.is_dir():
        return sorted(base.iterdir())
    if base.exists():
        return [base]
    pattern = base.absolute()
    matched = sorted(Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor))))
    if not matched:
        parent = next(path for path in pattern.parents if path.is_dir())
        there = sorted(entry.name for entry in parent.iterdir() if is_file(entry.name))
        raise IngestError(
            f"RAW={raw}: there is no such file or folder. In {parent} there is: {listed(there)}."
        )
    return matched


def files_below(folder: Path) -> list[Path]:
    """The files in a folder and the folders below it."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in files if is_file(str(path.relative_to(folder)))]


def is_file(name: str) -> bool:
    """Whether a name is one people gave, not one of the system's or Excel's."""
    parts = Path(name).parts
    return not any(p in NO_FILES or p.startswith((".", "~$")) for p in parts)


def download(url: str, work: Path) -> Path:
    """Fetch the file at a URL, all of it."""
    name = Path(unquote(urlsplit(url).path)).name or "download"
    target = work / name
    try:
        with urllib.request.urlopen(url, timeout=60) as answer, target.open("wb") as file:
            shutil.copyfileobj(answer, file)
            expected = answer.headers.get("Content-Length")
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise IngestError(f"RAW={url}: cannot be fetched ({error})") from error
    if expected and int(expected) != target.stat().st_size:
        raise IngestError(
            f"RAW={url}: {target.stat().st_size:,} of {int(expected):,} bytes came. Try again."
        )
    return target


def twins(inputs: list[Input]) -> list[str]:
    """Files that look like one table saved in two formats."""
    problems, seen = [], {}
    for given in inputs:
        stem = given.name.lower().removesuffix(".gz").removesuffix(".zip")
        key = (given.table.name, Path(stem).with_suffix("").as_posix(), given.sheet)
        other = seen.setdefault(key, given)
        if other is not given:
            problems.append(
                f"{other.name} and {given.name}: the same table saved twice. Keep one of them."
            )
    return problems
