"""Files of the raw contract, written chunk by chunk."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shop_generator.columns import CONTRACT, TEXT, as_text

REPEATED = {
    "product_id",
    "status",
    "event_type",
    "channel",
    "device",
    "country",
    "region",
    "city",
    "shipping_country",
    "shipping_region",
    "shipping_city",
    "coupon_code",
    "topic",
    "payment_method",
    "reason",
    "review_text",
    "customer_segment",
    "acquisition_channel",
    "campaign",
    "category",
    "subcategory",
    "quantity",
    "rating",
    "first_name",
    "last_name",
}


class Writer(Protocol):
    """What takes the rows of one table, in order."""

    def write(self, rows: pa.Table) -> None: ...

    def close(self) -> None: ...


class CsvWriter:
    """UTF-8, LF, a header, quotes only where a value needs them; nulls are empty."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.file: BinaryIO = path.open("wb")
        self.file.write((",".join(schema.names) + "\n").encode())

    def write(self, rows: pa.Table) -> None:
        columns = [_quoted(column.combine_chunks()) for column in as_text(rows).columns]
        joined = pc.binary_join_element_wise(
            *columns, ",", null_handling="replace", null_replacement=""
        )
        lines = pc.binary_join_element_wise(joined, "", "\n")
        start, end = lines.offset, lines.offset + len(lines)
        offsets = memoryview(lines.buffers()[1]).cast("i")
        self.file.write(memoryview(lines.buffers()[2])[offsets[start] : offsets[end]])

    def close(self) -> None:
        self.file.close()


class ParquetWriter:
    """One row group per chunk, typed columns."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        repeated = [name for name in schema.names if name in REPEATED]
        self.writer = pq.ParquetWriter(
            path, schema, compression="zstd", compression_level=1, use_dictionary=repeated
        )

    def write(self, rows: pa.Table) -> None:
        self.writer.write_table(rows)

    def close(self) -> None:
        self.writer.close()


def _quoted(values: pa.Array) -> pa.Array:
    """Text with quotes around values that hold a comma, a quote or a line break."""
    needs = pc.match_substring_regex(values, r'[",\r\n]')
    if not pc.any(needs).as_py():
        return values
    doubled = pc.replace_substring(values, '"', '""')
    return pc.if_else(needs, pc.binary_join_element_wise('"', doubled, '"', ""), values).cast(TEXT)


def open_writers(folder: Path, file_format: str) -> dict[str, Writer]:
    """One writer per table, all files raw_<entity>.<format> in one folder."""
    kind = CsvWriter if file_format == "csv" else ParquetWriter
    return {
        entity: kind(folder / f"raw_{entity}.{file_format}", schema)
        for entity, schema in CONTRACT.items()
    }
