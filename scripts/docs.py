"""Write the documentation with lineage: one page that needs no server and no network.

    python scripts/docs.py [--target duckdb|postgres]

The page, target/static_index.html, is that of `dbt docs generate --static` without what concerns
only dbt: macros of packages, tests in the lineage graph, paths of this machine. Tests are listed
with their columns but not compiled, which halves the time.

Types of columns come from the warehouse. Before the first build the page lacks them, and says so.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
TITLE = "E-commerce analytics"
PAGE_LINK = re.compile(r"\]\((\w+)\.md\)")
NO_TESTS = ("resource_type:test", "resource_type:unit_test")


def main(arguments: list[str] | None = None) -> int:
    """Write the page and say where it is; the exit code is dbt's."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", default="duckdb", choices=["duckdb", "postgres"])
    target = parser.parse_args(arguments).target
    dbt = Path(sys.executable).with_name("dbt")
    command = [str(dbt), "docs", "generate", "--target", target, "--exclude", *NO_TESTS]
    exit_code = subprocess.run(command, cwd=PROJECT, check=False).returncode
    if exit_code == 0:
        print(f"Documentation: {write_page(target_path())}")
    return exit_code


def target_path() -> Path:
    """dbt's folder of artifacts."""
    return PROJECT / os.environ.get("DBT_TARGET_PATH", "target")


def write_page(folder: Path) -> Path:
    """Put manifest and catalog into dbt's page."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    catalog = json.loads((folder / "catalog.json").read_text("utf-8"))
    page = (folder / "index.html").read_text("utf-8")
    if not catalog["nodes"]:
        print("Nothing is built yet, so columns have no types: `make build` first shows them, too.")
    for old, new in {
        '"MANIFEST.JSON INLINE DATA"': as_script(for_readers(manifest)),
        '"CATALOG.JSON INLINE DATA"': as_script(catalog),
        "<title>dbt Docs</title>": f"<title>{TITLE}</title>",
        # a browser takes these for addresses before the page has filled them in
        'xlink:href="{{': 'ng-attr-href="{{',
        ' src="{{': ' ng-src="{{',
        "${require('./assets/favicons/favicon.ico')}": "data:,",
        # lineage leads from data to people; hundreds of tests would hide it
        '"source","test","unit_test","analysis",': '"source","analysis",',
        '"source","test","analysis","exposure","metric","semantic_model","unit_test",': (
            '"source","analysis","exposure","metric","semantic_model",'
        ),
    }.items():
        page = page.replace(old, new)
    file = folder / "static_index.html"
    file.write_text(page, "utf-8")
    return file


def for_readers(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest without what only dbt needs, and with what it states elsewhere."""
    project = manifest["metadata"]["project_name"]
    for source in manifest["sources"].values():
        # base models repeat the columns of the raw contract
        base = manifest["nodes"].get(f"model.{project}.{source['name'].replace('raw_', 'base_')}")
        if base:
            base["columns"] = source["columns"] | base["columns"]
    for macro in manifest["macros"].values():
        macro["docs"]["show"] = macro["package_name"] == project
    for node in manifest["nodes"].values():
        node.pop("root_path", None)
    for block in manifest["docs"].values():
        # in pages of docs/ the tags of a block stand in comments, which the page would show
        text = block["block_contents"].removeprefix("-->").removesuffix("<!--")
        block["block_contents"] = PAGE_LINK.sub(r"](#!/overview/\1)", text).strip()
    return manifest


def as_script(content: dict[str, Any]) -> str:
    """JSON that no browser takes for the end of a script."""
    return json.dumps(content, separators=(",", ":")).replace("</", "<\\/")


if __name__ == "__main__":
    sys.exit(main())
