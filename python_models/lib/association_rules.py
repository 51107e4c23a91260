"""Association rules of market baskets, mined with FP-growth and decided by integer counts."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

MILLION = 1_000_000
THOUSAND = 1_000
# exp() underflows beyond; the p-value is then given as 0.
LARGEST_CHI_SQUARE = 1_370.0
# About 1 GB; nobody reads the rules of so many sets.
MOST_ITEMSETS = 2_000_000


@dataclass(frozen=True)
class Thresholds:
    """What makes an itemset frequent and a rule worth keeping.

    ``min_count`` is in baskets; confidence in millionths and lift in thousandths, so that every
    decision is one between whole numbers. ``max_length`` counts the items of a rule, both sides.
    """

    min_count: int
    min_confidence_millionths: int
    min_lift_thousandths: int
    max_length: int


@dataclass(frozen=True)
class Rule:
    """Whole numbers of one rule: who buys all ``antecedents`` also buys ``consequent``."""

    antecedents: tuple[int, ...]
    consequent: int
    antecedent_count: int
    consequent_count: int
    rule_count: int
    is_redundant: bool


def frequent_itemsets(
    baskets: np.ndarray,
    items: np.ndarray,
    min_count: int,
    max_length: int,
    most_itemsets: int = MOST_ITEMSETS,
) -> dict[frozenset[int], int]:
    """Every set of up to ``max_length`` items that ``min_count`` baskets hold, with its count.

    ``baskets`` and ``items``, int64 [n], are distinct pairs of basket and item. Method: FP-growth
    (Han, Pei & Yin 2000) as in mlxtend. Only baskets with two or more frequent items can hold a
    larger set, so only they go into the tree, as rows of a sparse matrix. Raises ValueError as soon
    as there are more than ``most_itemsets``, before memory runs out.
    """
    item_numbers, item_index, item_counts = np.unique(
        items, return_inverse=True, return_counts=True
    )
    is_frequent = item_counts >= min_count
    counts = {
        frozenset((number,)): count
        for number, count in zip(
            item_numbers[is_frequent].tolist(), item_counts[is_frequent].tolist(), strict=True
        )
    }
    is_kept = is_frequent[item_index]
    baskets, item_index = baskets[is_kept], item_index[is_kept]
    _, basket_index, sizes = np.unique(baskets, return_inverse=True, return_counts=True)
    is_kept = sizes[basket_index] >= 2
    if max_length < 2 or not is_kept.any():
        return counts

    import pandas as pd
    from mlxtend.frequent_patterns.fpcommon import setup_fptree
    from mlxtend.frequent_patterns.fpgrowth import fpg_step
    from scipy.sparse import csr_matrix

    rows = np.unique(basket_index[is_kept], return_inverse=True)[1]
    columns, column_index = np.unique(item_index[is_kept], return_inverse=True)
    numbers = item_numbers[columns].tolist()
    shape = (int(rows.max()) + 1, columns.size)
    matrix = csr_matrix((np.ones(rows.size, dtype=bool), (rows, column_index)), shape=shape)
    with warnings.catch_warnings():
        # pandas warns of the 0 it fills its own sparse booleans with
        warnings.simplefilter("ignore", FutureWarning)
        table = pd.DataFrame.sparse.from_spmatrix(matrix)
    # The tree takes a share; half a basket less is safe from rounding.
    tree, _ = setup_fptree(table, (min_count - 0.5) / shape[0])
    for count, found in fpg_step(tree, min_count, None, max_length, verbose=0):
        if len(found) > 1:
            counts[frozenset(numbers[column] for column in found)] = int(count)
            if len(counts) > most_itemsets:
                raise ValueError(
                    f"more than {most_itemsets:,} sets of items are in {min_count:,} baskets: "
                    "raise basket_min_support or basket_min_count, or lower basket_max_items"
                )
    return counts


def rules_of_itemsets(
    counts: dict[frozenset[int], int], basket_count: int, thresholds: Thresholds
) -> list[Rule]:
    """The rules with one consequent that meet the thresholds, shortest first, in order of items.

    ``counts`` must hold every subset of its itemsets, as frequent itemsets do.
    """
    rules = []
    for itemset, rule_count in counts.items():
        if len(itemset) < 2:
            continue
        for consequent in itemset:
            antecedents = itemset - {consequent}
            antecedent_count = counts[antecedents]
            consequent_count = counts[frozenset((consequent,))]
            is_confident = (
                rule_count * MILLION >= thresholds.min_confidence_millionths * antecedent_count
            )
            is_lifting = (
                rule_count * basket_count * THOUSAND
                >= thresholds.min_lift_thousandths * antecedent_count * consequent_count
            )
            if is_confident and is_lifting:
                rules.append(
                    Rule(
                        tuple(sorted(antecedents)),
                        consequent,
                        antecedent_count,
                        consequent_count,
                        rule_count,
                        is_redundant(antecedents, consequent, rule_count, counts),
                    )
                )
    return sorted(
        rules, key=lambda rule: (len(rule.antecedents), rule.antecedents, rule.consequent)
    )


def is_redundant(
    antecedents: frozenset[int], consequent: int, rule_count: int, counts: dict[frozenset[int], int]
) -> bool:
    """Whether part of the antecedents gives the consequent with at least equal confidence."""
    antecedent_count = counts[antecedents]
    return any(
        counts[frozenset((*part, consequent))] * antecedent_count
        >= rule_count * counts[frozenset(part)]
        for length in range(1, len(antecedents))
        for part in combinations(antecedents, length)
    )


def chi_square_p_value(chi_square: float) -> float:
    """Probability of a larger chi-square at one degree of freedom; 0 below 1e-298."""
    return math.erfc(math.sqrt(chi_square / 2)) if chi_square <= LARGEST_CHI_SQUARE else 0.0


def market_basket_rules(
    baskets: np.ndarray,
    items: np.ndarray,
    item_keys: dict[int, str],
    item_names: dict[int, str],
    item_margin_cents: dict[int, int | None],
    basket_count: int,
    thresholds: Thresholds,
) -> pd.DataFrame:
    """The rules of ``baskets`` × ``items`` (int64 [n], distinct pairs) and their measures.

    Items are numbered in the order in which a rule names them; ``item_margin_cents`` is what one
    earns on average in a basket that holds it. Measures: support = rule_count ÷ baskets,
    confidence = rule_count ÷ antecedent_count, lift = confidence ÷ share of the consequent,
    leverage = support − product of both sides' shares (Piatetsky-Shapiro 1991), conviction = share
    without consequent ÷ (1 − confidence) (Brin et al. 1997; null for a rule without exception),
    chi-square of the 2 × 2 table of both sides (Liu, Hsu & Ma 1999; null where a side is in every
    basket).
    """
    import pandas as pd

    counts = frequent_itemsets(baskets, items, thresholds.min_count, thresholds.max_length)
    rules = rules_of_itemsets(counts, basket_count, thresholds)
    left = np.array([rule.antecedent_count for rule in rules], dtype=np.float64)
    right = np.array([rule.consequent_count for rule in rules], dtype=np.float64)
    both = np.array([rule.rule_count for rule in rules], dtype=np.float64)
    surplus = both * basket_count - left * right
    with np.errstate(divide="ignore", invalid="ignore"):
        conviction = left * (basket_count - right) / (basket_count * (left - both))
        chi_square = (
            surplus * surplus / (left * right * (basket_count - left) * (basket_count - right))
        ) * basket_count
    conviction[left == both] = np.nan
    chi_square[(left == basket_count) | (right == basket_count)] = np.nan

    def joined(texts: dict[int, str], rule: Rule) -> str:
        return " + ".join(texts[item] for item in rule.antecedents)

    def margin(rule: Rule) -> int | None:
        cents = [item_margin_cents[item] for item in (*rule.antecedents, rule.consequent)]
        return None if None in cents else sum(cents)

    return pd.DataFrame(
        {
            "antecedents": [joined(item_names, rule) for rule in rules],
            "antecedent_keys": [joined(item_keys, rule) for rule in rules],
            "consequent": [item_names[rule.consequent] for rule in rules],
            "consequent_key": [item_keys[rule.consequent] for rule in rules],
            "rule_length": [len(rule.antecedents) + 1 for rule in rules],
            "antecedent_count": left.astype(np.int64),
            "consequent_count": right.astype(np.int64),
            "rule_count": both.astype(np.int64),
            "support": both / basket_count if rules else both,
            "confidence": both / left,
            "lift": both * basket_count / (left * right),
            "leverage": surplus / (float(basket_count) * basket_count) if rules else both,
            "conviction": conviction,
            "chi_square": chi_square,
            "p_value": [
                None if math.isnan(value) else chi_square_p_value(value) for value in chi_square
            ],
            "margin_cents": pd.array([margin(rule) for rule in rules], dtype="Int64"),
            "is_redundant": [rule.is_redundant for rule in rules],
        }
    )
