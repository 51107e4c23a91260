"""What was planted, as a small JSON file beside the tables."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from shop_generator import catalogue as cat
from shop_generator import settings as cfg
from shop_generator import timeline as clock
from shop_generator import web
from shop_generator.chunk import Shop
from shop_generator.dirt import Accounts

NOTES = {
    "purchase_process": "BG/NBD: sale orders of known customers follow it; the first purchase "
    "starts it and drop-out is possible after each repeat purchase. It runs in operational time, "
    "so seasonality moves purchases without changing their number.",
    "attempts": "Cancelled, failed and pending orders come on top of the purchase process.",
    "refund_amounts": "Goods net of discounts, without tax and shipping; a returned order is "
    "refunded in full on that basis.",
    "payments": "Payments with status paid sum to total_amount for completed, shipped and "
    "processing orders; those of returned orders have status refunded.",
    "conversion": "Kept high on purpose (a quarter of sessions buy) so that the sample stays "
    "small; half of the customers consented to tracking.",
    "inventory": "Sunday-evening stock counts of the last 52 weeks.",
    "dirt": "rows counts raw rows; every row carries at most one kind. Text such as n/a can only "
    "be planted in CSV files. order_items, payments and refunds of rejected orders without a "
    "valid copy are counted as unknown order_id.",
}


def _incidents(shop: Shop, with_glitch: bool) -> list[dict[str, Any]]:
    """Dates, metric, direction and dimension value of each planted incident."""
    dates = shop.timeline.incidents
    outage = [dates["outage"] + timedelta(days=day) for day in range(web.OUTAGE_DAYS)]
    recall = [dates["recall"], dates["recall"] + timedelta(days=1)]
    rows = [
        ("flash_sale", [dates["flash_sale"]], "revenue", "up", "category", cat.FLASH_SALE_CATEGORY),
        ("checkout_outage", outage, "conversion", "down", "device", "mobile"),
        (
            "refund_burst",
            recall,
            "refunds",
            "up",
            "product_id",
            shop.catalogue.key(shop.catalogue.defective),
        ),
    ]
    if with_glitch:
        rows.append(
            ("tracking_glitch", [dates["glitch"]], "rejected_rows", "up", "entity", "events")
        )
    names = ("name", "dates", "metric", "direction", "dimension", "value")
    return [
        {
            name: [str(day) for day in part] if name == "dates" else part
            for name, part in zip(names, row, strict=True)
        }
        for row in rows
    ]


def _catalogue_facts(shop: Shop) -> dict[str, Any]:
    catalogue, timeline = shop.catalogue, shop.timeline

    def sold_on(product: int) -> list[str]:
        first = timeline.monday(int(catalogue.first_week[product]))
        last = timeline.monday(int(catalogue.last_week[product])) + timedelta(days=6)
        return [str(first), str(last)]

    return {
        "growing_category": cat.GROWING_CATEGORY,
        "declining_category": cat.DECLINING_CATEGORY,
        "high_refund_category": cat.HIGH_REFUND_CATEGORY,
        "defective_product": {
            "product_id": catalogue.key(catalogue.defective),
            "refund_probability": cfg.DEFECT_REFUND_SHARE,
            "bad_batch_refund_probability": cfg.BAD_BATCH_REFUND_SHARE,
            "bad_batch_sold": [
                str(timeline.incidents["recall"] - timedelta(weeks=cfg.BAD_BATCH_WEEKS)),
                str(timeline.incidents["recall"] - timedelta(days=1)),
            ],
        },
        "affinities": [
            {
                "when": catalogue.key(affinity.trigger),
                "then": [catalogue.key(partner) for partner in affinity.partners],
                "probability": affinity.probability,
            }
            for affinity in catalogue.affinities
        ],
        "stock_outs": [
            {
                "product_id": catalogue.key(out.product),
                "from": str(timeline.monday(out.first)),
                "to": str(timeline.monday(out.last) + timedelta(days=6)),
            }
            for out in sorted(catalogue.stock_outs, key=lambda out: (out.first, out.product))
        ],
        "launched_later": {catalogue.key(p): sold_on(p)[0] for p in catalogue.launched_later},
        "discontinued": {catalogue.key(p): sold_on(p)[1] for p in catalogue.discontinued},
        "dead_products": [catalogue.key(product) for product in catalogue.dead],
        "overstocked_products": [catalogue.key(product) for product in catalogue.overstocked],
    }


def _clean(raw_rows: Counter, accounts: Accounts, counts: Counter) -> dict[str, Any]:
    """Rows and money that remain when every rejected row is gone; money in currency units."""
    rejected: Counter = Counter()
    for (entity, _, outcome), account in accounts.items():
        rejected[entity] += account.rows * (outcome == "rejected")
    by_status: dict[str, dict[str, float]] = defaultdict(dict)
    for name, value in counts.items():
        group, _, measure = name.partition(".")
        if group in cfg.STATUSES:
            is_count = measure in ("orders", "order_items")
            by_status[group][measure] = value if is_count else value / 100
    return {
        "rows": {
            entity: {"raw": rows, "rejected": rejected[entity], "clean": rows - rejected[entity]}
            for entity, rows in raw_rows.items()
        },
        "by_order_status": {status: by_status[status] for status in cfg.STATUSES},
        "payments_by_status": {
            status: counts[f"payments.{status}"] / 100 for status in cfg.PAYMENT_STATUSES
        },
        "refunds": counts["refunds.amount"] / 100,
    }


def build_facts(
    shop: Shop, raw_rows: Counter, counts: Counter, accounts: Accounts
) -> dict[str, Any]:
    """The whole account of one run."""
    settings = shop.settings
    dirt = [
        {
            "entity": entity,
            "kind": kind,
            "outcome": outcome,
            "rows": account.rows,
            "example_keys": account.keys,
        }
        for (entity, kind, outcome), account in sorted(accounts.items())
    ]
    return {
        "arguments": {
            "customers": settings.customers,
            "products": settings.products,
            "seed": settings.seed,
            "start": str(settings.start),
            "end": str(settings.end),
            "format": settings.format,
            "dirt": settings.dirt,
        },
        "notes": NOTES,
        "process": {
            **cfg.PROCESS,
            "dropout_after_first_purchase": False,
            "spend_multiplier": {"shape": cfg.SPEND_SHAPE, "mean": 1},
            "never_bought_share": cfg.NEVER_BOUGHT_SHARE,
            "acquisition_growth": cfg.ACQUISITION_GROWTH,
        },
        "seasonality": {
            "month": cfg.MONTH_INDEX,
            "weekday_from_monday": cfg.WEEKDAY_INDEX,
            "hour": cfg.HOUR_INDEX,
            "black_friday_to_cyber_monday": cfg.BLACK_FRIDAY_FACTOR,
            "black_friday_week_to_20_december": cfg.HOLIDAY_FACTOR,
            "flash_sale_day": clock.FLASH_SALE_FACTOR,
        },
        "catalogue": _catalogue_facts(shop),
        "incidents": _incidents(shop, settings.dirt and settings.format == "csv"),
        "counts": {name: counts[name] for name in sorted(counts) if "." not in name},
        "clean": _clean(raw_rows, accounts, counts),
        "dirt": dirt,
    }


def write_facts(folder: Path, facts: dict[str, Any]) -> None:
    text = json.dumps(facts, indent=1, ensure_ascii=False)
    (folder / "planted_facts.json").write_text(text + "\n", encoding="utf-8", newline="\n")
