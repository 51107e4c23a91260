"""Market-basket rules: the miner, published figures, planted truth, odd shops, both engines."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from association_rules import (
    Thresholds,
    chi_square_p_value,
    frequent_itemsets,
    market_basket_rules,
    rules_of_itemsets,
)
from test_sample_shop import FACTS
from warehouse import ENGINES, NO_UNIT_TESTS, Warehouse, load_file

Build = Callable[[str], Warehouse]
MODELS = ("+market_basket_rules", "+int_market_basket_rules")
RECOMMENDATIONS = (
    "+customer_recommendations",
    "+product_recommendations",
    "+recommendation_accuracy",
)
RULES = (
    "antecedents, antecedent_keys, consequent, consequent_key, rule_length, antecedent_count, "
    "consequent_count, rule_count, basket_count, kept_out_basket_count, items_margin, is_redundant"
)
MEASURES = "support, confidence, lift, leverage, conviction, chi_square, p_value"


# --- the miner ------------------------------------------------------------------------------------


def as_arrays(baskets: list[set[int]]) -> tuple[np.ndarray, np.ndarray]:
    pairs = [(number, item) for number, basket in enumerate(baskets) for item in sorted(basket)]
    basket, item = zip(*pairs, strict=True) if pairs else ((), ())
    return np.array(basket, dtype=np.int64), np.array(item, dtype=np.int64)


def test_itemsets_equal_counting_all_subsets() -> None:
    """FP-growth finds what counting every subset finds."""
    random = np.random.default_rng(7)
    baskets = [set(random.choice(12, random.integers(1, 8)).tolist()) for _ in range(300)]
    counted: Counter[frozenset[int]] = Counter()
    for basket in baskets:
        for length in range(1, 5):
            counted.update(map(frozenset, itertools.combinations(sorted(basket), length)))
    expected = {itemset: count for itemset, count in counted.items() if count >= 9}
    assert frequent_itemsets(*as_arrays(baskets), min_count=9, max_length=4) == expected


def test_too_many_itemsets_stop_with_advice() -> None:
    """Limits so low that memory would run out stop the miner, and say which knob to turn."""
    arrays = as_arrays([set(range(20))] * 2)
    assert len(frequent_itemsets(*arrays, min_count=2, max_length=3)) == 20 + 190 + 1140
    with pytest.raises(ValueError, match="1,000 sets of items are in 2 baskets: raise basket_min"):
        frequent_itemsets(*arrays, min_count=2, max_length=3, most_itemsets=1_000)


def test_limits_are_met_exactly() -> None:
    """A rule on the limit is kept, one basket below it is not; shares are never rounded."""
    counts = {frozenset("a"): 3, frozenset("b"): 5, frozenset("ab"): 1}
    on_limit = Thresholds(1, 333_333, 0, 2)
    above = Thresholds(1, 333_334, 0, 2)
    found = rules_of_itemsets(counts, 10, on_limit)  # type: ignore[arg-type]
    assert [(rule.antecedents, rule.consequent) for rule in found] == [(("a",), "b")]
    assert rules_of_itemsets(counts, 10, above) == []  # type: ignore[arg-type]


def test_rule_without_exception_or_variation() -> None:
    """Conviction is null at confidence 1; chi-square is null where a side is in every basket."""
    baskets, items = as_arrays([{1, 2}, {1, 2}, {1, 3}, {1}])
    texts = {1: "a", 2: "b", 3: "c"}
    rules = market_basket_rules(
        baskets, items, texts, texts, {1: 100, 2: 250, 3: None}, 4, Thresholds(1, 0, 0, 2)
    ).set_index(["antecedents", "consequent"])
    assert math.isnan(rules.conviction["b", "a"])
    assert math.isnan(rules.chi_square["b", "a"])
    assert rules.margin_cents["b", "a"] == 350
    assert rules.isna().margin_cents["c", "a"]


def test_no_baskets() -> None:
    """Nothing gives no rules, with all columns."""
    nothing = np.array([], dtype=np.int64)
    rules = market_basket_rules(nothing, nothing, {}, {}, {}, 0, Thresholds(2, 0, 0, 4))
    assert len(rules) == 0 and "is_redundant" in rules


def test_p_values() -> None:
    """The usual critical values at one degree of freedom; far tails do not underflow."""
    assert chi_square_p_value(3.841458820694124) == pytest.approx(0.05)
    assert chi_square_p_value(6.634896601021213) == pytest.approx(0.01)
    assert chi_square_p_value(5_000.0) == 0


# --- Groceries (Hahsler, Hornik & Reutterer), as published for arules -----------------------------


@pytest.fixture(scope="session")
def groceries(conformance_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Groceries as a landed shop: one order per basket, an item's label as its key."""
    file = conformance_data / "groceries" / "groceries_long.csv"
    if not file.is_file():
        pytest.skip(f"{file} is absent")
    folder = tmp_path_factory.mktemp("groceries")
    with duckdb.connect() as connection:
        connection.execute(
            f"create table lines as select * from read_csv('{file}', all_varchar = true)"
        )
        for name, query in {
            "orders": "select distinct transaction_id as order_id, '2024-01-01' as ordered_at "
            "from lines",
            "order_items": "select transaction_id || '-' || item as order_item_id, "
            "transaction_id as order_id, 'I-' || trim(item) as product_id, '1' as quantity, "
            "'1' as unit_price from lines",
            "products": "select distinct 'I-' || trim(item) as product_id, trim(item) as "
            "product_name, level1 as category, level2 as subcategory from lines",
        }.items():
            connection.execute(f"copy ({query}) to '{folder / f'raw_{name}.csv'}' (header)")
    return folder


def mine(
    warehouse: Warehouse, folder: Path, select: tuple[str, ...] = MODELS, **knobs: Any
) -> None:
    """Build the rules of a landed folder and what they need, and test all but the staging."""
    if warehouse.postgres:
        for file in sorted(folder.glob("raw_*")):
            load_file(warehouse, file, "landed", file.stem)
    selection = ("--select", *select, "--indirect-selection", "cautious", *NO_UNIT_TESTS)
    no_staging_tests = ("--exclude", "path:models/staging,resource_type:test")
    knobs = {"source_system": "landed", "raw_path": str(folder), **knobs}
    warehouse.build(*selection, *no_staging_tests, **knobs)


def test_groceries(groceries: Path, new_warehouse: Build) -> None:
    """Numbers of rules, by length and after redundancy, and the rule of the highest lift.

    The model stops at rules of four items; longer ones are asked of the miner.
    """
    warehouse = new_warehouse("duckdb")
    mine(
        warehouse,
        groceries,
        basket_min_support=0.001,
        basket_min_confidence=0.8,
        basket_min_lift=0,
        basket_min_count=2,
    )
    assert dict(
        warehouse.query(
            "select rule_length, count(*) from analytics.market_basket_rules group by 1"
        )
    ) == {3: 29, 4: 229}
    assert warehouse.query(
        "select antecedents, consequent, rule_count, round(confidence, 4), round(lift, 4) "
        "from analytics.market_basket_rules order by lift desc limit 1"
    ) == [("liquor + red/blush wine", "bottled beer", 19, 0.9048, 11.2353)]
    assert warehouse.query("select basket_count from intermediate.int_basket_limits") == [(9_835,)]
    assert warehouse.value("select count(*) from intermediate.int_basket_items_counted") == 169

    baskets, numbers = np.array(
        warehouse.query(
            "select dense_rank() over (order by order_id), dense_rank() over (order by item_key) "
            "from intermediate.int_basket_items"
        )
    ).T
    itemsets = frequent_itemsets(baskets, numbers, 10, 6)
    assert len(itemsets) == 13_492
    rules = rules_of_itemsets(itemsets, 9_835, Thresholds(10, 800_000, 0, 6))
    assert Counter(len(rule.antecedents) + 1 for rule in rules) == {3: 29, 4: 229, 5: 140, 6: 12}
    assert sum(not rule.is_redundant for rule in rules) == 392
    assert len(rules_of_itemsets(itemsets, 9_835, Thresholds(10, 500_000, 0, 6))) == 5_668
    itemsets = frequent_itemsets(baskets, numbers, 60, 6)
    assert len(itemsets) == 747
    rules = rules_of_itemsets(itemsets, 9_835, Thresholds(60, 250_000, 0, 6))
    assert Counter(len(rule.antecedents) + 1 for rule in rules) == {2: 150, 3: 297, 4: 16}
    assert len(frequent_itemsets(baskets, numbers, 99, 6)) == 333


def test_groceries_in_sql(groceries: Path, new_warehouse: Build) -> None:
    """On PostgreSQL the rules of two and three items are the published ones."""
    warehouse = new_warehouse("postgres")
    mine(
        warehouse,
        groceries,
        basket_min_support=0.006,
        basket_min_confidence=0.25,
        basket_min_lift=0,
        basket_min_count=2,
    )
    assert dict(
        warehouse.query(
            "select rule_length, count(*) from analytics.market_basket_rules group by 1"
        )
    ) == {2: 150, 3: 297}


# --- the sample shop ------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
def test_planted_affinities_come_out_on_top(engine: str, sample_shop: Build) -> None:
    """Every planted pair is a rule, and no pair lifts more than they and their companions do."""
    pairs = sample_shop(engine).query(
        "select antecedent_keys, consequent_key from analytics.market_basket_rules "
        "where rule_length = 2 order by lift desc, antecedent_keys"
    )
    planted, related = set(), set()
    for affinity in FACTS["catalogue"]["affinities"]:
        group = [affinity["when"], *affinity["then"]]
        planted |= {(affinity["when"], then) for then in affinity["then"]}
        related |= set(itertools.permutations(group, 2))
    assert planted <= set(pairs)
    assert set(pairs[: len(related)]) <= related


@pytest.mark.parametrize("shop", ["sample_shop", "online_retail"])
def test_engines_agree_on_rules(shop: str, request: pytest.FixtureRequest) -> None:
    """Rules of up to three items are the same on both engines, measures within 1e-6."""
    build: Build = request.getfixturevalue(shop)
    query = (
        f"select {RULES}, {MEASURES} from analytics.market_basket_rules "
        "where rule_length <= 3 order by antecedent_keys, consequent_key"
    )
    ours, theirs = build("duckdb").query(query), build("postgres").query(query)
    assert len(ours) == len(theirs) > 0
    exact = len(RULES.split(", "))
    for our, their in zip(
        sorted(ours, key=lambda row: (row[1], row[3])),
        sorted(theirs, key=lambda row: (row[1], row[3])),
        strict=True,
    ):
        assert our[:exact] == their[:exact]
        for one, other in zip(our[exact:], their[exact:], strict=True):
            assert (one is None) == (other is None)
            assert one is None or one == pytest.approx(other, rel=1e-6)


# --- odd shops ------------------------------------------------------------------------------------

ODD_SHOPS = {
    "one_product": [["P"]] * 6,
    "single_item_baskets": [["P"], ["Q"], ["R"]] * 3,
    "no_repeat_items": [["A", "B"], ["C", "D"], ["E", "F"]],
    "huge_basket": [[f"P{n}" for n in range(5_000)], *[["P1", "P2"]] * 6],
}


@pytest.fixture(scope="module", params=ENGINES)
def odd_shops(
    request: pytest.FixtureRequest, new_warehouse: Build, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Warehouse, Path]:
    """One warehouse and one folder for all odd shops of an engine: dbt parses but once."""
    return new_warehouse(request.param), tmp_path_factory.mktemp("odd")


@pytest.mark.parametrize("shop", ODD_SHOPS)
def test_odd_shops(shop: str, odd_shops: tuple[Warehouse, Path]) -> None:
    """Shops with nothing to find build, tests included; a huge basket is kept out and counted."""
    warehouse, folder = odd_shops
    orders = ["order_id,customer_id,ordered_at"]
    lines = ["order_item_id,order_id,product_id,quantity,unit_price"]
    for number, basket in enumerate(ODD_SHOPS[shop]):
        orders.append(f"O{number},C{number % 4},2024-01-{number + 1:02d}")
        lines += [f"{number}-{product},O{number},{product},1,9.99" for product in basket]
    (folder / "raw_orders.csv").write_text("\n".join(orders) + "\n")
    (folder / "raw_order_items.csv").write_text("\n".join(lines) + "\n")
    mine(warehouse, folder, (*MODELS, *RECOMMENDATIONS))
    rules = warehouse.query(
        "select antecedent_keys, consequent_key, rule_count, kept_out_basket_count "
        "from analytics.market_basket_rules order by 1"
    )
    kept_out = warehouse.value("select kept_out_basket_count from intermediate.int_basket_limits")
    assert kept_out == (1 if shop == "huge_basket" else 0)
    # P1 and P2 are in every basket that is left: chance explains it, lift is 1.
    expected = [("P1", "P2", 6, 1), ("P2", "P1", 6, 1)] if shop == "huge_basket" else []
    assert rules == expected
