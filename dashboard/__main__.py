"""Write the dashboard from the published marts.

    python -m dashboard [--target duckdb|postgres] [--out dashboard.html]

The marts are those of the folder PUBLISHED names (default: published), on PostgreSQL those of the
schemas <SCHEMA_PREFIX>analytics and <SCHEMA_PREFIX>quality on the server the PG* variables name.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import vl_convert

from dashboard.pages import pages, ratios_of
from dashboard.tables import read_tables
from scripts.places import (
    PROJECT,
    PlaceError,
    connect_postgres,
    published,
    published_in,
    published_on,
    schema_prefix,
)

HERE = Path(__file__).resolve().parent
# The page's own code, in this order.
SCRIPTS = ("tables", "filters", "numbers", "views", "elements", "items", "charts", "page")


def main(arguments: list[str] | None = None) -> int:
    """Read, fill, write, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", default="duckdb", choices=["duckdb", "postgres"])
    parser.add_argument("--out", default="dashboard.html", help="file to write")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        manifest, tables = read(options.target)
    except PlaceError as error:
        print(f"No dashboard: {error}", file=sys.stderr)
        return 2
    file = PROJECT / options.out
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(page(manifest, tables), encoding="utf-8")
    seconds = time.monotonic() - started
    print(f"{file}: {file.stat().st_size / 1e6:.2f} MB in {seconds:.1f} s. Open it in a browser.")
    return 0


def read(target: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is published: its manifest and the page's tables, both of the same publication."""
    if target == "postgres":
        with closing(connect_postgres()) as connection:
            connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
            return published_on(connection), read_tables(connection, schema_prefix())
    folder = published().resolve()
    manifest = published_in(folder)
    with closing(duckdb.connect(str(folder / "marts.duckdb"), read_only=True)) as connection:
        return manifest, read_tables(connection, "")


def page(manifest: dict[str, Any], tables: dict[str, Any]) -> str:
    """The whole page: data, styles, the drawing library and the code, in one file."""
    about = {
        name: manifest.get(name)
        for name in ("project", "published_at", "as_of_date", "source_system", "target", "tests")
    }
    about["rows"] = {name.split(".")[1]: mart["rows"] for name, mart in manifest["marts"].items()}
    shown = pages()
    data = {"about": about, "pages": shown, "ratios": ratios_of(shown), "tables": tables}
    parts = {
        "style": (HERE / "style.css").read_text(encoding="utf-8"),
        "data": json_for_html(data),
        "app": "\n".join((HERE / "js" / f"{name}.js").read_text("utf-8") for name in SCRIPTS),
        "vega": vl_convert.javascript_bundle().replace("</script", "<\\/script"),
    }
    html = (HERE / "page.html").read_text(encoding="utf-8")
    before, *rest = html.split("<!--put ")
    filled = [before]
    for piece in rest:
        name, after = piece.split("-->", 1)
        filled += [parts[name], after]
    return "".join(filled)


def json_for_html(data: Any) -> str:
    """JSON that no text inside it can break out of a script element with."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


if __name__ == "__main__":
    sys.exit(main())
