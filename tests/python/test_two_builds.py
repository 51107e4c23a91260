"""Two builds of the same input are equal, floating-point numbers included."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from unittest import mock

from publish import publish
from warehouse import NO_TESTS, Warehouse

Build = Callable[[str], Warehouse]


def test_published_files_are_equal(sample_shop: Build, new_warehouse: Build) -> None:
    """Every Parquet file that a second build of the sample shop publishes has the same checksum."""
    first, second = sample_shop("duckdb"), new_warehouse("duckdb")
    second.build(*NO_TESTS)
    # the tests have passed in the first build, and the publication asks for them
    results = second.folder / "target" / "run_results.json"
    run = json.loads(results.read_text())
    run["args"]["exclude_resource_types"] = []
    results.write_text(json.dumps(run))
    with mock.patch.dict(os.environ, second.environment):
        publish("duckdb")
    marts = [
        json.loads((warehouse.folder / "published" / "manifest.json").read_text())["marts"]
        for warehouse in (first, second)
    ]
    assert marts[0].keys() == marts[1].keys()
    differing = [name for name, mart in marts[0].items() if mart != marts[1][name]]
    assert not differing, f"two builds differ in {differing}"
