"""Measure how fast baskets are mined, beside efficient-apriori, with peak memory.

    python benchmarks/baskets.py [--baskets 500000] [--products 1000] [--support 0.0005]

Draws baskets of a shop whose products differ in popularity (Zipf) and of which some are bought
together, then runs each way of mining in a process of its own, so that its peak memory is its own:

    python   frequent_itemsets and rules of the Python model, up to 4 items
    sql      the pairs as int_basket_pairs_counted counts them, on DuckDB
    apriori  efficient-apriori on the same baskets, where it is installed (no requirement)
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python_models" / "lib"))

WAYS = ("python", "sql", "apriori")
MIN_CONFIDENCE = 0.1
MAX_LENGTH = 4


def draw(baskets: int, products: int) -> tuple[np.ndarray, np.ndarray]:
    """Distinct pairs of basket and product, both int64 [n]; about four products a basket."""
    random = np.random.default_rng(1)
    sizes = 1 + random.poisson(3, baskets)
    basket = np.repeat(np.arange(baskets), sizes)
    popularity = 1 / np.arange(10, products + 10)
    product = random.choice(products, basket.size, p=popularity / popularity.sum())
    # every tenth product brings its successor in a third of its baskets
    brings = (product % 10 == 0) & (random.random(product.size) < 1 / 3)
    basket = np.concatenate([basket, basket[brings]])
    product = np.concatenate([product, product[brings] + 1])
    pairs = np.unique(basket * products + product)
    return pairs // products, pairs % products


def clock() -> tuple[float, float]:
    """Seconds on the wall, and of processor time, which other programs do not stretch."""
    return time.perf_counter(), time.process_time()


def run(way: str, file: Path, support: float) -> str:
    """Mine the baskets of a file in one way and say what was found."""
    with np.load(file) as arrays:
        basket, product = arrays["basket"], arrays["product"]
    baskets = int(basket.max()) + 1
    min_count = -(-int(support * 1e9) * baskets // 10**9)
    started = clock()
    if way == "python":
        from association_rules import Thresholds, frequent_itemsets, rules_of_itemsets

        counts = frequent_itemsets(basket, product, min_count, MAX_LENGTH)
        limits = Thresholds(min_count, int(MIN_CONFIDENCE * 1e6), 0, MAX_LENGTH)
        rules = rules_of_itemsets(counts, baskets, limits)
        pairs = sum(len(itemset) == 2 for itemset in counts)
        found = f"{len(counts)} itemsets, {pairs} pairs, {len(rules)} rules"
    elif way == "sql":
        import duckdb

        with duckdb.connect() as connection:
            items = {"basket": basket, "item": product}  # noqa: F841 (read below)
            # keys as a shop's are: texts
            connection.execute(
                "create table basket_items as "
                "select 'O' || lpad(basket::text, 8, '0') as order_id, "
                "'P' || lpad(item::text, 5, '0') as item_key from items"
            )
            started = clock()
            pairs = connection.execute(
                """
                with frequent as (
                    select order_id, item_key from basket_items
                    where item_key in (
                        select item_key from basket_items
                        group by item_key having count(*) >= $1
                    )
                )
                select count(*) from (
                    select one.item_key, other.item_key
                    from frequent as one
                    inner join frequent as other
                        on one.order_id = other.order_id and one.item_key < other.item_key
                    group by one.item_key, other.item_key having count(*) >= $1
                )
                """,
                [min_count],
            ).fetchone()[0]
        found = f"{pairs} pairs"
    else:
        from efficient_apriori import apriori

        edges = np.flatnonzero(np.diff(basket)) + 1
        transactions = [tuple(part.tolist()) for part in np.split(product, edges)]
        started = clock()
        itemsets, rules = apriori(
            transactions, (min_count - 0.5) / baskets, MIN_CONFIDENCE, max_length=MAX_LENGTH
        )
        total = sum(map(len, itemsets.values()))
        found = f"{total} itemsets, {len(itemsets.get(2, ()))} pairs, {len(rules)} rules"
    seconds, processor = (now - then for now, then in zip(clock(), started, strict=True))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"{way:<8} {seconds:7.1f} s ({processor:.1f} s of processor) {memory:7.0f} MB  {found}"


def main() -> None:
    """Draw the baskets once, then run every way in a new process."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--baskets", type=int, default=500_000)
    parser.add_argument("--products", type=int, default=1_000)
    parser.add_argument("--support", type=float, default=0.0005)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print(run(options.way, options.file, options.support), flush=True)
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "baskets.npz"
        basket, product = draw(options.baskets, options.products)
        np.savez(file, basket=basket, product=product)
        print(f"{options.baskets} baskets, {options.products} products, {basket.size} lines")
        for way in WAYS:
            command = [sys.executable, __file__, "--way", way, "--file", str(file)]
            command += ["--support", str(options.support)]
            if subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode:
                print(f"{way:<8} did not run (is it installed?)")


if __name__ == "__main__":
    main()
