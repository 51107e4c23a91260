"""What a shop has → the tables of the raw contract, all text, exactly as delivered, counted.

`contract` knows tables and columns, `options` what a shop declares about its files. `find` turns a
file, folder, glob or URL into the files of each table; `text` makes them UTF-8; `csv_files`,
`json_files`, `xlsx_files` and `parquet_files` say how DuckDB reads one and count its records by
other means. `land` writes Parquet beside the warehouse, `postgres` copies it into a schema, and
`record` keeps the counts.
"""

from ingest.contract import IngestError
from ingest.find import check_place_of
from ingest.land import land
from ingest.options import Options
from ingest.record import Landing

__all__ = ["IngestError", "Landing", "Options", "check_place_of", "land"]
