"""Compile the project for Spark and let Spark check each statement, without a server or rows.

usage: spark_sql.py <empty folder>      writes findings.json there

dbt-spark compiles the project in a session with an empty catalog. Spark parses each statement,
finds its tables, columns and functions and checks its types; an empty table with the columns Spark
found stands for a model in the statements that read it. Nothing is run, values are not compared.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import duckdb
import yaml
from dbt.cli.main import dbtRunner
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

PROJECT = Path(__file__).resolve().parents[2]
PROFILE = {
    "ecommerce_analytics": {
        "target": "spark",
        "outputs": {
            "spark": {
                "type": "spark",
                "method": "session",
                "host": "none",
                "schema": "analytics",
                "threads": 1,
            }
        },
    }
}
# Types of seeds as DuckDB reads them, in Spark's words; text is the raw contract's.
SEED_TYPES = {"VARCHAR": "string", "text": "string"}
# This process ends before code that takes long to optimise would pay: a third less CPU.
JAVA_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


def start_session(folder: Path) -> SparkSession:
    """A session whose catalog ends with this process; dbt-spark takes the same one."""
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["PYSPARK_SUBMIT_ARGS"] = f'--driver-java-options "{JAVA_OPTIONS}" pyspark-shell'
    options = {
        "spark.log.level": "OFF",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    return SparkSession.builder.master("local[1]").config(map=options).getOrCreate()


def compile_project(folder: Path) -> dict[str, Any]:
    """Compile models, analyses and singular tests; dbt's manifest."""
    (folder / "profiles.yml").write_text(yaml.safe_dump(PROFILE), "utf-8")
    os.environ["DBT_PROFILES_DIR"] = str(folder)
    os.environ["DBT_TARGET_PATH"] = str(folder / "target")
    os.environ["DBT_LOG_PATH"] = str(folder / "logs")
    os.chdir(PROJECT)
    without = ("--exclude", "test_type:generic", "test_type:unit")
    result = dbtRunner().invoke(["compile", "--quiet", "--no-populate-cache", *without])
    if not result.success:
        sys.exit(f"dbt could not compile the project for Spark: {result.exception or ''}")
    return json.loads((folder / "target" / "manifest.json").read_text("utf-8"))


def create_table(spark: SparkSession, node: dict[str, Any], columns: dict[str, str]) -> None:
    """An empty table where a node of the manifest would be."""
    listed = ", ".join(f"`{name}` {kind}" for name, kind in columns.items())
    spark.sql(f"create schema if not exists {node['schema']}")
    spark.sql(f"create table {node['schema']}.{node['alias']} ({listed}) using parquet")


def seed_columns(node: dict[str, Any]) -> dict[str, str]:
    """The columns of a seed: types the project names, otherwise those its rows show."""
    file = PROJECT / node["original_file_path"]
    shown = duckdb.sql(f"describe select * from read_csv('{file}')").fetchall()
    named = node["config"].get("column_types") or {}
    types = {name: named.get(name, kind) for name, kind, *_ in shown}
    return {name: SEED_TYPES.get(kind, kind) for name, kind in types.items()}


def check_statements(spark: SparkSession, manifest: dict[str, Any]) -> dict[str, str]:
    """Node -> what Spark says against it, empty where it has no objection; parents come first."""
    nodes = {
        key: node
        for key, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "analysis", "test") and node.get("compiled_code")
    }
    findings: dict[str, str] = {}

    def check(key: str) -> None:
        if key in findings or key not in nodes:
            return
        for parent in manifest["parent_map"].get(key, []):
            check(parent)
            if findings.get(parent):
                findings[key] = f"not checked, it reads {parent}"
                return
        node = nodes[key]
        try:
            found = spark.sql(node["compiled_code"]).schema
            if node["resource_type"] == "model":
                types = {field.name: field.dataType.simpleString() for field in found.fields}
                create_table(spark, node, types)
        except PySparkException as error:
            findings[key] = str(error).split("\n'", 1)[0]  # without the plan
        else:
            findings[key] = ""

    for key in nodes:
        check(key)
    return findings


def main() -> None:
    """Compile, check, write down."""
    folder = Path(sys.argv[1]).resolve()
    spark = start_session(folder)
    manifest = compile_project(folder)
    for node in manifest["nodes"].values():
        if node["resource_type"] == "seed":
            create_table(spark, node, seed_columns(node))
    findings = check_statements(spark, manifest)
    (folder / "findings.json").write_text(json.dumps(findings, indent=2), "utf-8")


if __name__ == "__main__":
    main()
