"""What the generator planted about products, web, service and reviews, the marts find."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from conftest import REPORT, build_landed
from warehouse import ENGINES, NO_TESTS, PROJECT, Warehouse

FACTS: dict[str, Any] = json.loads((PROJECT / "seeds" / "raw" / "planted_facts.json").read_text())
CATALOGUE = FACTS["catalogue"]
Build = Callable[[str], Warehouse]

on_every_engine = pytest.mark.parametrize("engine", ENGINES)


@on_every_engine
def test_stock_outs(engine: str, sample_shop: Build) -> None:
    """Every planted stock-out is found on exactly its days."""
    for planted in CATALOGUE["stock_outs"]:
        found = sample_shop(engine).query(
            "select min(out_from), max(out_to), sum(out_to - out_from + 1) "
            f"from intermediate.int_stock_outs_dated where product_id = '{planted['product_id']}' "
            f"and out_to >= '{planted['from']}' and out_from <= '{planted['to']}'"
        )
        first, last = date.fromisoformat(planted["from"]), date.fromisoformat(planted["to"])
        assert found == [(first, last, (last - first).days + 1)], planted


@on_every_engine
def test_stock_is_judged(engine: str, sample_shop: Build) -> None:
    """Discontinued, overstocked and unsold products and the one out of stock are named."""
    status = dict(
        sample_shop(engine).query("select product_id, status from analytics.inventory_health")
    )
    assert {status[product] for product in CATALOGUE["discontinued"]} == {"Discontinued"}
    assert {status[product] for product in CATALOGUE["overstocked_products"]} == {"Overstocked"}
    assert {status[product] for product in CATALOGUE["dead_products"]} <= {
        "Dead stock",
        "Never sold",
    }
    out_now = CATALOGUE["stock_outs"][-1]["product_id"]
    assert [product for product, word in status.items() if word == "Out of stock"] == [out_now]


@on_every_engine
def test_categories(engine: str, sample_shop: Build) -> None:
    """The planted growing, declining and much refunded categories lead and trail the roll-ups."""
    growth = sample_shop(engine).query(
        "select category, like_for_like_growth from analytics.product_performance_rollups "
        "where level = 'category' and like_for_like_growth is not null order by 2"
    )
    assert growth[0][0] == CATALOGUE["declining_category"]
    assert growth[-1][0] == CATALOGUE["growing_category"]
    defective = CATALOGUE["defective_product"]["product_id"]
    most_refunded = sample_shop(engine).value(
        "select category from analytics.fct_order_items "
        "inner join analytics.dim_products using (product_id) "
        f"where is_sale and product_id <> '{defective}' group by category "
        "order by avg(case when refunds > 0 then 1.0 else 0 end) desc limit 1"
    )
    assert most_refunded == CATALOGUE["high_refund_category"]


@on_every_engine
def test_defective_product(engine: str, sample_shop: Build) -> None:
    """The defective product is the worst of the well-sold ones by refunds, stars and texts."""
    defective = CATALOGUE["defective_product"]["product_id"]
    for order in ("refund_rate desc", "avg_rating", "avg_polarity"):
        worst = sample_shop(engine).value(
            "select product_id from analytics.product_performance "
            f"where performance_category = 'Top' and ratings >= 10 order by {order} limit 1"
        )
        assert worst == defective, order


@on_every_engine
def test_carts_recovered(engine: str, sample_shop: Build) -> None:
    """As many carts are recovered as planted, but for sales that fell through and lost events."""
    recovered = sample_shop(engine).value(
        "select count(*) from analytics.cart_abandonment where is_recovered"
    )
    planted = FACTS["counts"]["carts_recovered_within_7_days"]
    assert 0.95 * planted <= recovered <= 1.05 * planted


@on_every_engine
def test_sessions_cross_midnight(engine: str, sample_shop: Build) -> None:
    """Sessions that cross midnight are whole: nearly all of the planted ones are still there."""
    found = sample_shop(engine).value(
        "select count(*) from analytics.fct_sessions where cast(ended_at as date) > session_date"
    )
    planted = FACTS["counts"]["sessions_crossing_midnight"]
    assert 0.9 * planted <= found <= planted


@on_every_engine
def test_anomalies(engine: str, sample_shop: Build) -> None:
    """Every planted incident is found on its days with its cause, and nothing else is."""
    precision, recall = incidents_found(sample_shop(engine), FACTS["incidents"], engine)
    assert recall == 1
    assert precision >= 0.8


def incidents_found(
    warehouse: Warehouse, incidents: list[dict[str, Any]], name: str
) -> tuple[float, float]:
    """Share of the anomalies that were planted, and of the planted days found with their cause."""
    found = warehouse.query(
        "select metric, metric_date, direction, explaining_dimension, explaining_value "
        "from quality.anomalies"
    )
    # the flash sale also shows in orders and conversion, the outage in what becomes of carts
    metrics = {"conversion": ("conversion", "cart_conversion")}
    planted_days = {day for incident in incidents for day in incident["dates"]}
    hits = sum(
        len(
            {
                row[1]
                for row in found
                if row[0] in metrics.get(incident["metric"], (incident["metric"],))
                and str(row[1]) in incident["dates"]
                and row[2:] == (incident["direction"], incident["dimension"], incident["value"])
            }
        )
        for incident in incidents
    )
    days = sum(len(incident["dates"]) for incident in incidents)
    precision = sum(str(row[1]) in planted_days for row in found) / len(found)
    REPORT.append(
        f"anomalies on {name}: precision {precision:.0%} of {len(found)} rows, "
        f"recall {hits / days:.0%} of {days} days"
    )
    return precision, hits / days


def test_another_shop(new_warehouse: Build, tmp_path: Path) -> None:
    """A shop of another seed, which nothing was tuned on: incidents are found, scorers agree."""
    generator = [sys.executable, str(PROJECT / "scripts" / "generate_data.py"), "--seed", "4242"]
    subprocess.run([*generator, "--out", str(tmp_path)], check=True, capture_output=True)
    facts = json.loads((tmp_path / "planted_facts.json").read_text())
    warehouse = new_warehouse("duckdb")
    build_landed(warehouse, tmp_path, "--select", "+anomalies", "+review_sentiment", *NO_TESTS)
    precision, recall = incidents_found(warehouse, facts["incidents"], "another shop")
    assert recall >= 0.8
    assert precision >= 0.8
    same, correlation = agreement_of_scorers(warehouse, "another shop")
    assert same >= 0.85
    assert correlation >= 0.8


@on_every_engine
def test_mismatched_reviews(engine: str, sample_shop: Build) -> None:
    """About as many reviews contradict their stars as were planted."""
    found = sample_shop(engine).value(
        "select count(*) from analytics.review_sentiment where is_mismatch"
    )
    planted = FACTS["counts"]["mismatched_reviews"]
    assert 0.6 * planted <= found <= 1.4 * planted


@on_every_engine
def test_sentiment_follows_the_stars(engine: str, sample_shop: Build) -> None:
    """Texts with a clear opinion take the side of their stars."""
    right, clear = sample_shop(engine).query(
        "select sum(case when (polarity > 0) = (rating >= 4) then 1 else 0 end), count(*) "
        "from analytics.review_sentiment where polarity <> 0 and rating <> 3"
    )[0]
    REPORT.append(
        f"sentiment on {engine}: {right / clear:.1%} of {clear} texts side with the stars"
    )
    assert right / clear > 0.9


def test_sentiment_scorers_agree(sample_shop: Build) -> None:
    """The library and the project's own word list agree, and put texts in a similar order."""
    same, correlation = agreement_of_scorers(sample_shop("duckdb"), "the sample shop")
    assert same >= 0.85
    assert correlation >= 0.8


def agreement_of_scorers(warehouse: Warehouse, name: str) -> tuple[float, float]:
    """Share of texts that both scorers call the same, and the correlation of their polarities."""
    same, correlation = warehouse.query(
        "select avg(cast(sentiment = lexicon_sentiment as integer)), "
        "corr(polarity, lexicon_polarity) from analytics.review_sentiment "
        "where sentiment is not null and lexicon_sentiment is not null"
    )[0]
    REPORT.append(
        f"sentiment of {name}: scorers agree on {same:.1%} of texts, correlation {correlation:.2f}"
    )
    return same, correlation


def sentiment_module() -> ModuleType:
    """The module that the Python model imports."""
    file = PROJECT / "python_models" / "lib" / "sentiment.py"
    spec = importlib.util.spec_from_file_location("sentiment", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules["sentiment"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("text", "sign"),
    [("Great", 1), ("Awful!", -1), ("not good", -1), ("not bad at all", 1), ("blue", 0), ("", 0)],
)
def test_polarity_of_short_texts(text: str, sign: int) -> None:
    """One word is enough, a negation turns it, and what has no opinion has none."""
    polarity, subjectivity = sentiment_module().polarity_and_subjectivity(text)
    assert (polarity > 0) - (polarity < 0) == sign
    assert 0 <= subjectivity <= 1
    assert (subjectivity == 0) == (sign == 0)
