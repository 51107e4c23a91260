"""Run the notebook on the published marts and save what it shows.

    python scripts/run_notebook.py [--published published]

Nothing of the run but its outputs is saved: no times, no paths, no version of Python. So the file
only changes when what it shows does. Pictures are saved with few colours, which makes them small.
"""

from __future__ import annotations

import argparse
import base64
import io
import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image

PROJECT = Path(__file__).resolve().parents[1]
NOTEBOOK = PROJECT / "analyses" / "exploring_the_marts.ipynb"
COLORS = 128


def run_notebook(notebook: nbformat.NotebookNode, published: Path) -> nbformat.NotebookNode:
    """The notebook as executed on a folder of published marts; raises what a cell raises."""
    executed = nbformat.from_dict(notebook)
    client = NotebookClient(
        executed,
        startup_timeout=600,
        kernel_name="python3",
        record_timing=False,
        # the kernel warns that it talks to this process without encryption
        extra_arguments=["--IPKernelApp.log_level=40"],
        resources={"metadata": {"path": str(NOTEBOOK.parent)}},
    )
    client.execute(env={**os.environ, "PUBLISHED": str(published.resolve())})
    executed.metadata = notebook.metadata
    return executed


def shrink_pictures(notebook: nbformat.NotebookNode) -> None:
    """Save the pictures of a notebook with few colours."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if png := output.get("data", {}).get("image/png"):
                picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
                small = io.BytesIO()
                picture.quantize(COLORS).save(small, "PNG", optimize=True)
                output["data"]["image/png"] = base64.b64encode(small.getvalue()).decode()


def main() -> None:
    """Execute and save in place."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--published", default=os.environ.get("PUBLISHED", "published"))
    published = PROJECT / parser.parse_args().published
    if not (published / "marts.duckdb").exists():
        sys.exit(f"No marts in {published}: `make build` publishes them")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    executed = run_notebook(notebook, published)
    shrink_pictures(executed)
    nbformat.write(executed, NOTEBOOK)
    print(f"{NOTEBOOK.relative_to(PROJECT)}: {NOTEBOOK.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
