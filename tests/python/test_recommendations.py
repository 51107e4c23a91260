"""Recommendations: better than the baselines, and complete."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conftest import REPORT
from test_sample_shop import FACTS
from warehouse import ENGINES, Warehouse

Build = Callable[[str], Warehouse]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("shop", ["sample_shop", "online_retail"])
def test_recommender_beats_both_baselines(
    shop: str, engine: str, request: pytest.FixtureRequest
) -> None:
    """At the length of the list it hits more customers, recalls more and ranks hits higher."""
    build: Build = request.getfixturevalue(shop)
    scores = {
        method: tuple(map(float, row))
        for method, *row in build(engine).query(
            "select method, hit_rate, recall, mean_reciprocal_rank "
            "from analytics.recommendation_accuracy where k = 10"
        )
    }
    recommender = scores.pop("recommender")
    best = [max(column) for column in zip(*scores.values(), strict=True)]
    REPORT.append(
        f"recommender on {shop} ({engine}): hit rate@10 {recommender[0]:.3f}, "
        f"the better baseline {best[0]:.3f}"
    )
    assert len(scores) == 2
    assert all(ours > theirs for ours, theirs in zip(recommender, best, strict=True))


@pytest.mark.parametrize("engine", ENGINES)
def test_planted_companions_lead_product_lists(engine: str, sample_shop: Build) -> None:
    """The planted companion is the first product shown beside its product."""
    first = dict(
        sample_shop(engine).query(
            "select product_id, recommended_product_id from analytics.product_recommendations "
            "where recommendation_rank = 1"
        )
    )
    for affinity in FACTS["catalogue"]["affinities"]:
        assert first[affinity["when"]] in affinity["then"]


@pytest.mark.parametrize("engine", ENGINES)
def test_planted_gaps_are_left_out(engine: str, sample_shop: Build) -> None:
    """What is discontinued, or out of stock at the newest count, is in no list."""
    warehouse = sample_shop(engine)
    gone = {product for product, last_sold in FACTS["catalogue"]["discontinued"].items()} | {
        "P0037"
    }
    listed = {
        product
        for (product,) in warehouse.query(
            "select product_id from analytics.customer_recommendations "
            "union select recommended_product_id from analytics.product_recommendations"
        )
    }
    assert not gone & listed


@pytest.mark.parametrize("engine", ENGINES)
def test_cold_start_customers_get_full_lists(engine: str, sample_shop: Build) -> None:
    """Customers who never bought get ten products, all of them for their popularity."""
    warehouse = sample_shop(engine)
    assert warehouse.query(
        "select products, reason_type, count(*) from (select lists.customer_id, "
        "count(*) as products, max(reason_type) as reason_type, min(reason_type) as other_type "
        "from analytics.customer_recommendations as lists left join "
        "(select distinct customer_id from analytics.fct_orders where is_sale) as buyers "
        "on lists.customer_id = buyers.customer_id where buyers.customer_id is null "
        "group by lists.customer_id) as cold group by products, reason_type"
    ) == [(10, "popular", FACTS["counts"]["never_bought"])]
