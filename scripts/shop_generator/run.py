"""Running the generator: chunks in order, one or several processes, bounded memory."""

from __future__ import annotations

import multiprocessing
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa
from tqdm import tqdm

from shop_generator import columns as col
from shop_generator.catalogue import products_table
from shop_generator.chunk import Chunk, open_shop, simulate_chunk
from shop_generator.dirt import Accounts, merge_accounts, plain_planting, plant
from shop_generator.facts import build_facts, write_facts
from shop_generator.settings import Settings, random_stream
from shop_generator.stock import inventory_table, marketing_table
from shop_generator.writers import Writer, open_writers


def simulated_chunks(settings: Settings) -> Iterator[Chunk]:
    """All chunks in order; with several processes at most two chunks per process wait."""
    jobs = min(settings.jobs, settings.chunks)
    if jobs == 1:
        yield from (simulate_chunk(settings, chunk) for chunk in range(settings.chunks))
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        waiting: deque = deque()
        for chunk in range(settings.chunks):
            waiting.append(pool.submit(simulate_chunk, settings, chunk))
            if len(waiting) > jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _write_shared(
    settings: Settings, tables: dict[str, pa.Table], writers: dict[str, Writer]
) -> tuple[Counter, Accounts]:
    """Write the tables that do not belong to customers, with their dirt."""
    rng = random_stream(settings.seed, 4)
    accounts: Accounts = {}
    as_csv = settings.format == "csv"
    for entity, rows in tables.items():
        if as_csv:
            rows = col.as_text(rows)
        if settings.dirt:
            scale = 1.0 if entity == "marketing_spend" else settings.products / 200
            rows, _, planted = plant(plain_planting(entity, rows), rng, scale, as_csv)
            merge_accounts(accounts, planted)
        tables[entity] = rows
        writers[entity].write(rows)
    return Counter({entity: rows.num_rows for entity, rows in tables.items()}), accounts


def generate(settings: Settings) -> dict[str, Any]:
    """Write all files of one run and return the planted facts."""
    shop = open_shop(settings)
    writers = open_writers(settings.out, settings.format)
    units_sold = np.zeros(shop.catalogue.available.shape, dtype=np.int64)
    raw_rows, counts = Counter(dict.fromkeys(col.CONTRACT, 0)), Counter()
    accounts: Accounts = {}
    with tqdm(total=settings.customers, unit=" customers", unit_scale=True) as progress:
        for number, chunk in enumerate(simulated_chunks(settings)):
            for entity, rows in chunk.tables.items():
                writers[entity].write(rows)
                raw_rows[entity] += rows.num_rows
            units_sold += chunk.units_sold
            counts.update(chunk.counts)
            merge_accounts(accounts, chunk.accounts)
            progress.update(settings.chunk_size(number))
    shared = {
        "products": products_table(shop.catalogue),
        "inventory": inventory_table(settings, shop.timeline, shop.catalogue, units_sold),
        "marketing_spend": marketing_table(settings, shop.timeline),
    }
    shared_rows, planted = _write_shared(settings, shared, writers)
    raw_rows.update(shared_rows)
    merge_accounts(accounts, planted)
    for writer in writers.values():
        writer.close()
    facts = build_facts(shop, raw_rows, counts, accounts)
    write_facts(settings.out, facts)
    return facts
