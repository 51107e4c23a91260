"""The tables of the page, read from the published marts as tables.yml says, small as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class Table:
    """An entry of tables.yml, which says what its parts mean."""

    mart: str
    columns: list[str | dict[str, str]] = field(default_factory=list)
    where: dict[str, str | bool] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    most: int | None = None
    keys: list[str] = field(default_factory=list)

    def sql(self, prefix: str, present: Sequence[str]) -> str:
        """The query; prefix is the SCHEMA_PREFIX of the marts, present the columns of this one."""
        named = [entry if isinstance(entry, dict) else {entry: entry} for entry in self.columns]
        columns = {name: source for entry in named for name, source in entry.items()}
        columns = columns or {name: name for name in present}
        selected = ", ".join(f"{source} as {name}" for name, source in columns.items())
        order = ", ".join(
            f"{name.removeprefix('-')}{' desc' if name.startswith('-') else ''} nulls last"
            for name in [*self.order, *columns.values()]
        )
        wanted = " and ".join(f"{name} = {literal(value)}" for name, value in self.where.items())
        return (
            f"select {selected} from {prefix}{self.mart} where {wanted or 'true'} order by {order}"
            + (f" limit {self.most}" if self.most else "")
        )


def tables() -> dict[str, Table]:
    """Every table of the page by name."""
    text = (Path(__file__).parent / "tables.yml").read_text(encoding="utf-8")
    return {
        name: Table(**{"mart": f"dashboard.dashboard_{name}"} | entry)
        for name, entry in yaml.safe_load(text).items()
    }


def read_tables(connection: Any, prefix: str = "") -> dict[str, dict[str, Any]]:
    """Every table of the page, encoded for JSON; prefix is the SCHEMA_PREFIX of the marts."""
    return {name: read_table(connection, table, prefix) for name, table in tables().items()}


def read_table(connection: Any, table: Table, prefix: str = "") -> dict[str, Any]:
    """One table."""
    cursor = connection.cursor()
    cursor.execute(f"select * from {prefix}{table.mart} limit 0")
    cursor.execute(table.sql(prefix, [column[0] for column in cursor.description]))
    rows = cursor.fetchall()
    names = [column[0] for column in cursor.description]
    columns = dict(zip(names, zip(*rows, strict=True) if rows else [[]] * len(names), strict=True))
    columns |= {name: numbered(columns[name]) for name in table.keys}
    return {
        "rows": len(rows),
        "columns": {name: encode(values) for name, values in columns.items()},
    }


def numbered(values: Sequence[Any]) -> list[int | None]:
    """A number per different value."""
    numbers: dict[Any, int] = {}
    return [
        None if value is None else numbers.setdefault(value, len(numbers) + 1) for value in values
    ]


def encode(values: Sequence[Any]) -> dict[str, Any]:
    """A column as small JSON: hundredths, numbers, or places in a list of different texts.

    Amounts have two decimals in the marts and travel as whole hundredths, so that sums in the page
    are exact. Of a value that is the same in every row one is enough.
    """
    if len(set(values)) == 1:
        values = values[:1]
    known = next((value for value in values if value is not None), None)
    if isinstance(known, Decimal) and known.as_tuple().exponent == -2:
        return {"hundredths": [None if value is None else int(value.scaleb(2)) for value in values]}
    if isinstance(known, (bool, int)):
        return {"numbers": list(values)}
    if isinstance(known, (float, Decimal)):
        return {"numbers": [None if value is None else compact(value) for value in values]}
    texts = sorted({str(value) for value in values if value is not None})
    place = {text: number for number, text in enumerate(texts)}
    return {
        "texts": texts,
        "places": [-1 if value is None else place[str(value)] for value in values],
    }


def compact(value: float | Decimal) -> float | int:
    """A number as short as it goes; of estimates only the seven first digits, which is plenty."""
    number = float(value) if isinstance(value, Decimal) else float(f"{value:.7g}")
    return int(number) if number.is_integer() else number


def literal(value: str | bool) -> str:
    """A value of tables.yml in SQL."""
    return str(value).lower() if isinstance(value, bool) else f"'{value}'"
