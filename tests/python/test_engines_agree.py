"""DuckDB and PostgreSQL give the same rows, mart by mart."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from warehouse import ENGINES, MART_SCHEMAS, Warehouse

from dashboard.tables import read_tables

# Numbers that are not decimals may differ by this much, relative to the larger one.
TOLERANCE = 1e-6

# Marts whose rows may differ between engines, and why. Each has an agreement test of its own.
MAY_DIFFER = {
    "analytics.market_basket_rules": "only Python mines more than three items: test_baskets",
    "dashboard.dashboard_rules": "the same",
}

# Columns that may differ: polarity comes from a library on DuckDB and a word list elsewhere
# (test_products_web_service.py tests that the two agree).
COLUMNS_MAY_DIFFER: dict[str, set[str]] = {
    "analytics.review_sentiment": {"polarity", "subjectivity", "sentiment", "is_mismatch"},
    "analytics.review_sentiment_rollups": {
        "texts",
        "avg_polarity",
        "positive_reviews",
        "neutral_reviews",
        "negative_reviews",
        "mismatches",
        "negative_delivery_reviews",
        "negative_quality_reviews",
        "negative_price_reviews",
        "negative_service_reviews",
    },
    "analytics.product_performance": {"avg_polarity"},
}


@pytest.mark.parametrize("shop", ["sample_shop", "cdnow", "online_retail"])
def test_marts_are_equal(shop: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Every mart has the same rows on both engines, on every source."""
    build: Callable[[str], Warehouse] = request.getfixturevalue(shop)
    on_duckdb, on_postgres = build("duckdb"), build("postgres")
    marts = on_duckdb.relations(*MART_SCHEMAS)
    assert marts == on_postgres.relations(*MART_SCHEMAS)
    assert marts, "no marts were built"

    with closing(duckdb.connect()) as both:
        both.execute(f"attach '{on_duckdb.file}' as duck (read_only)")
        differing = {
            mart: count
            for mart in marts
            if mart not in MAY_DIFFER
            and (count := differing_rows(both, mart, on_postgres, tmp_path / "mart.csv"))
        }
    assert not differing, f"rows that differ, by mart: {differing}"


@pytest.mark.parametrize("engine", ENGINES)
def test_numbers_keep_their_digits(engine: str, sample_shop: Callable[[str], Warehouse]) -> None:
    """No decimal is without a scale, as PostgreSQL leaves one after a case; no float is single."""
    odd = sample_shop(engine).query(
        "select table_name, column_name from information_schema.columns "
        "where table_schema in "
        "('analytics', 'quality', 'dashboard', 'intermediate', 'staging') "
        "and (data_type = 'numeric' and numeric_precision is null "
        "or data_type in ('HUGEINT', 'FLOAT', 'real'))"
    )
    assert odd == []


def test_dashboard_reads_the_same(sample_shop: Callable[[str], Warehouse]) -> None:
    """The queries of the dashboard give the same tables on both engines."""
    tables = {}
    for engine in ENGINES:
        with closing(sample_shop(engine).connect()) as connection:
            tables[engine] = read_tables(connection)
    # longer rules are found on DuckDB only
    for name in tables["duckdb"].keys() - {"rules"}:
        on_duckdb, on_postgres = (tables[engine][name]["columns"] for engine in ENGINES)
        assert on_duckdb.keys() == on_postgres.keys()
        for column, values in on_duckdb.items():
            for part, expected in values.items():
                assert on_postgres[column][part] == pytest.approx(expected, rel=TOLERANCE), (
                    f"{name}.{column}"
                )


def differing_rows(
    both: duckdb.DuckDBPyConnection, mart: str, on_postgres: Warehouse, file: Path
) -> int:
    """How many rows of a mart have no equal on the other engine."""
    columns = both.execute(
        "select column_name, data_type from duckdb_columns() where database_name = 'duck' "
        "and schema_name || '.' || table_name = ? order by column_index",
        [mart],
    ).fetchall()
    columns = [column for column in columns if column[0] not in COLUMNS_MAY_DIFFER.get(mart, ())]
    names = ", ".join(name for name, _ in columns)
    with closing(on_postgres.connect()) as connection, file.open("w") as lines:
        connection.cursor().copy_expert(
            f"copy (select {names} from {mart}) to stdout with "
            "(format csv, header, null '\\N', force_quote *)",
            lines,
        )
    typed = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in columns)
    both.execute(
        f"create or replace temp table theirs as select {typed} from read_csv('{file}', "
        "all_varchar = true, header = true, nullstr = '\\N', quote = '\"', escape = '\"', "
        "delim = ',', allow_quoted_nulls = false, max_line_size = 67108864)"
    )
    both.execute(f"create or replace temp table ours as select {names} from duck.{mart}")

    counts = [
        both.execute(f"select count(*) from {side}").fetchone()[0] for side in ("ours", "theirs")
    ]
    if counts[0] != counts[1]:
        return abs(counts[0] - counts[1])
    inexact = [name for name, kind in columns if kind in ("DOUBLE", "FLOAT")]
    exact = [name for name, _ in columns if name not in inexact]
    same = [f"ours.{name} is not distinct from theirs.{name}" for name in exact] + [
        f"(ours.{name} is not distinct from theirs.{name} or abs(ours.{name} - theirs.{name}) "
        f"<= {TOLERANCE} * greatest(abs(ours.{name}), abs(theirs.{name})))"
        for name in inexact
    ]
    in_order = ", ".join(exact + inexact)
    return both.execute(
        f"""
        with ours as (select row_number() over (order by {in_order}) as n, * from ours),
        theirs as (select row_number() over (order by {in_order}) as n, * from theirs)
        select count(*) from ours inner join theirs using (n)
        where not coalesce({" and ".join(same)}, false)
        """
    ).fetchone()[0]
