"""Write the documentation with lineage: one page that needs no server and no network.

    python scripts/docs.py

The page, target/static_index.html, is that of `dbt docs generate --static` without what concerns
only dbt: macros of packages, tests in the lineage graph, paths of this machine. Tests are listed
with their columns but not compiled, which halves the time.

It describes the DuckDB warehouse with the variables of dbt's last run on it. Before there is one it
describes an empty one in a temporary folder: the tables and their columns are the same, on
PostgreSQL too.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from places import PROJECT, target_path, warehouse

TITLE = "E-commerce analytics"
PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)\n*")
FILE_LINK = re.compile(r"\]\((\w+)\.md\)")
NO_METHODS = ("overview", "bring_your_own", "published", "dashboard")
NAME = re.compile(r"`(\w+)`")
NO_TESTS = ("resource_type:test", "resource_type:unit_test")


def main() -> int:
    """Write the page and say where it is; the exit code is dbt's."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    with described_warehouse() as (file, variables):
        arguments = ("docs", "generate", "--exclude", *NO_TESTS, "--vars", json.dumps(variables))
        exit_code = dbt(file, *arguments)
    if exit_code == 0:
        print(f"Documentation: {write_page(target_path())}")
    else:
        print(
            "dbt says why. A warehouse built in part is completed by `make build`.", file=sys.stderr
        )
    return exit_code


@contextmanager
def described_warehouse() -> Iterator[tuple[Path, dict[str, Any]]]:
    """A DuckDB file with every relation in it, and the variables it was built with."""
    file = warehouse()
    results = target_path() / "run_results.json"
    if file.is_file():
        last = json.loads(results.read_text("utf-8"))["args"] if results.is_file() else {}
        on_duckdb = last.get("target", "duckdb") == "duckdb"
        yield file, last.get("vars", {}) if on_duckdb else {}
        return
    print(f"There is no {file.name} yet: an empty one is built and described.", flush=True)
    with tempfile.TemporaryDirectory(prefix="docs_") as folder:
        empty = Path(folder) / "warehouse.duckdb"
        types = ("--resource-type", "seed", "--resource-type", "model")
        dbt(empty, "--quiet", "build", "--empty", *types, "--target-path", folder)
        yield empty, {}


def dbt(file: Path, *arguments: str) -> int:
    """Run dbt on a DuckDB file; its output goes to the terminal."""
    command = [str(Path(sys.executable).with_name("dbt")), *arguments, "--target", "duckdb"]
    environment = os.environ | {"WAREHOUSE": str(file)}
    return subprocess.run(command, cwd=PROJECT, env=environment, check=False).returncode


def write_page(folder: Path) -> Path:
    """Put manifest and catalog into dbt's page."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    catalog = json.loads((folder / "catalog.json").read_text("utf-8"))
    page = (folder / "index.html").read_text("utf-8")
    for old, new in {
        "<title>dbt Docs</title>": f"<title>{TITLE}</title>",
        # a browser takes these for addresses before the page has filled them in
        'xlink:href="{{': 'ng-attr-href="{{',
        ' src="{{': ' ng-src="{{',
        "${require('./assets/favicons/favicon.ico')}": "data:,",
        # descriptions of columns would be cut off after a word or two
        " white-space: nowrap; max-width: 1px;": "",
        # lineage leads from data to people; hundreds of tests would hide it
        '"source","test","unit_test","analysis",': '"source","analysis",',
        '"source","test","analysis","exposure","metric","semantic_model","unit_test",': (
            '"source","analysis","exposure","metric","semantic_model",'
        ),
        '"MANIFEST.JSON INLINE DATA"': as_script(for_readers(manifest)),
        '"CATALOG.JSON INLINE DATA"': as_script(catalog),
    }.items():
        page = page.replace(old, new)
    file = folder / "static_index.html"
    file.write_text(page, "utf-8")
    return file


def for_readers(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest without what only dbt needs, and with what it states elsewhere."""
    project = manifest["metadata"]["project_name"]
    for source in manifest["sources"].values():
        source["docs"] = manifest["nodes"][f"seed.{project}.ref_countries"]["docs"]  # its colour
        # base models repeat the columns of the raw contract
        base = manifest["nodes"].get(f"model.{project}.{source['name'].replace('raw_', 'base_')}")
        if base:
            base["columns"] = source["columns"] | base["columns"]
    for macro in manifest["macros"].values():
        macro["docs"]["show"] = macro["package_name"] == project
    for node in manifest["nodes"].values():
        node.pop("root_path", None)
    link_pages(manifest)
    return manifest


def link_pages(manifest: dict[str, Any]) -> None:
    """Link the pages of docs/ to the tables they name, and these tables to the page."""
    nodes = manifest["nodes"].values()
    tables = {node["name"]: node for node in nodes if node["resource_type"] in ("model", "seed")}
    for block in manifest["docs"].values():
        # in a page the tags of the block stand in comments
        text = block["block_contents"].removeprefix("-->").removesuffix("<!--").strip()
        # the site is one file: it has no pictures beside it, and pages instead of files
        text = FILE_LINK.sub(r"](#!/overview/\1)", PICTURE.sub("", text))
        title = text.partition("\n")[0].removeprefix("# ")
        page = block["name"].strip("_")
        is_method = block["name"].startswith("__") and not page.startswith(NO_METHODS)
        for name in sorted(set(NAME.findall(text)) & set(tables)):
            table = tables[name]
            place = f"#!/{table['resource_type']}/{table['unique_id']}"
            text = text.replace(f"`{name}`", f"[{name}]({place})")
            if is_method:
                table["description"] += f"\n\nMore: [{title}](#!/overview/{page})"
        block["block_contents"] = text


def as_script(content: dict[str, Any]) -> str:
    """JSON that no browser takes for the end of a script."""
    return json.dumps(content, separators=(",", ":")).replace("</", "<\\/")


if __name__ == "__main__":
    sys.exit(main())
