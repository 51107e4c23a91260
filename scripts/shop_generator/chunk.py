"""One chunk of customers with everything they do, dirt included."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pyarrow as pa

from shop_generator import columns as col
from shop_generator import settings as cfg
from shop_generator import tables as build
from shop_generator.catalogue import Catalogue, build_catalogue
from shop_generator.dirt import Account, Accounts, Planting, merge_accounts, plain_planting, plant
from shop_generator.sales import (
    Customers,
    Lines,
    Orders,
    Payments,
    Refunds,
    apply_coupons,
    simulate_customers,
    simulate_lines,
    simulate_orders,
    simulate_payments,
    simulate_refunds,
    total_orders,
)
from shop_generator.service import (
    Reviews,
    Tickets,
    review_texts,
    simulate_reviews,
    simulate_tickets,
)
from shop_generator.settings import Settings, random_stream
from shop_generator.tables import Numbering
from shop_generator.timeline import Timeline, build_timeline, to_seconds
from shop_generator.web import (
    BOUGHT,
    PURCHASE,
    Events,
    Sessions,
    recovered_carts,
    simulate_events,
    simulate_sessions,
)

DROPPED_CUSTOMERS_PER_1000 = 3


@dataclass(frozen=True)
class Shop:
    """What all chunks share."""

    settings: Settings
    timeline: Timeline
    catalogue: Catalogue
    texts: pa.Array


@lru_cache(maxsize=1)
def open_shop(settings: Settings) -> Shop:
    """The clock, the catalogue and the review texts of a run; built once per process."""
    timeline = build_timeline(settings)
    catalogue = build_catalogue(settings, timeline)
    return Shop(settings, timeline, catalogue, pa.array(review_texts(settings.seed)))


@dataclass(frozen=True)
class Activity:
    """What one chunk of customers does, before it becomes tables."""

    customers: Customers
    orders: Orders
    lines: Lines
    payments: Payments
    refunds: Refunds
    sessions: Sessions
    events: Events
    reviews: Reviews
    tickets: Tickets


@dataclass
class Chunk:
    """The result of one chunk: tables by entity and what the parent adds up."""

    tables: dict[str, pa.Table]
    units_sold: np.ndarray
    counts: Counter
    accounts: Accounts


def simulate_activity(shop: Shop, chunk: int) -> Activity:
    """Run all simulations of one chunk from its own random stream."""
    timeline, catalogue = shop.timeline, shop.catalogue
    rng = random_stream(shop.settings.seed, 10, chunk)
    customers = simulate_customers(rng, shop.settings.chunk_size(chunk))
    orders, first = simulate_orders(rng, timeline, customers)
    lines = simulate_lines(rng, timeline, catalogue, orders)
    apply_coupons(rng, timeline, orders, lines, first)
    total_orders(orders, lines)
    payments = simulate_payments(rng, timeline, orders)
    refunds = simulate_refunds(rng, timeline, catalogue, orders, lines)
    sessions = simulate_sessions(rng, timeline, customers, orders)
    events = simulate_events(rng, timeline, catalogue, orders, lines, sessions)
    reviews = simulate_reviews(rng, timeline, catalogue, orders, lines)
    tickets = simulate_tickets(rng, timeline, customers, orders)
    return Activity(customers, orders, lines, payments, refunds, sessions, events, reviews, tickets)


def clean_tables(shop: Shop, done: Activity, number: Numbering) -> dict[str, pa.Table]:
    """Tables by entity, parents before the tables that depend on them; all text for CSV."""
    catalogue, orders, lines = shop.catalogue, done.orders, done.lines
    tables = {
        "customers": build.customers_table(done.customers, orders, number),
        "orders": build.orders_table(orders, number),
        "order_items": build.lines_table(lines, catalogue, number),
        "payments": build.payments_table(done.payments, number),
        "refunds": build.refunds_table(done.refunds, number),
        "events": build.events_table(done.events, done.sessions, catalogue, number),
        "reviews": build.reviews_table(done.reviews, orders, lines, shop.texts, catalogue, number),
        "support_tickets": build.tickets_table(done.tickets, number),
    }
    if shop.settings.format == "csv":
        return {entity: col.as_text(rows) for entity, rows in tables.items()}
    return tables


def _flags(size: int, *rows: np.ndarray) -> np.ndarray:
    """bool [size] that is true at the given rows; negative rows are passed over."""
    result = np.zeros(size, dtype=bool)
    for row in rows:
        result[row[row >= 0]] = True
    return result


def units_sold(shop: Shop, orders: Orders, lines: Lines) -> np.ndarray:
    """Units of sale orders by week and product, int64 [weeks, products]."""
    weeks, products = shop.catalogue.available.shape
    sold = orders.is_sale[lines.order]
    cell = shop.timeline.week_of(orders.placed[lines.order[sold]]) * products + lines.product[sold]
    units = np.bincount(cell, lines.quantity[sold], minlength=weeks * products)
    return np.rint(units).astype(np.int64).reshape(weeks, products)


def _count_sessions(sessions: Sessions, events: Events) -> Counter:
    day = events.occurred // cfg.DAY
    first_day = np.full(sessions.size, np.iinfo(np.int64).max)
    last_day = np.full(sessions.size, -1)
    np.minimum.at(first_day, events.session, day)
    np.maximum.at(last_day, events.session, day)
    present = last_day >= 0
    return Counter(
        sessions=int(present.sum()),
        converting_sessions=int((events.kind == PURCHASE).sum()),
        mobile_sessions=int((present & (sessions.device == 1)).sum()),
        mobile_converting_sessions=int(((sessions.depth == BOUGHT) & (sessions.device == 1)).sum()),
        sessions_without_id=int((present & ~sessions.has_id).sum()),
        events_without_session_id=int((~sessions.has_id[events.session]).sum()),
        sessions_crossing_midnight=int((present & (last_day > first_day)).sum()),
        carts_recovered_within_7_days=recovered_carts(sessions),
    )


def _count_sales(customers: Customers, orders: Orders) -> Counter:
    bought = orders.is_sale & (orders.customer >= 0)
    purchases = np.bincount(orders.customer[bought], minlength=customers.size)
    return Counter(
        buyers=int((purchases > 0).sum()),
        one_time_buyers=int((purchases == 1).sum()),
        never_bought=int((purchases == 0).sum()),
        sale_orders=int(orders.is_sale.sum()),
        guest_orders=int((orders.customer < 0).sum()),
        tracked_orders=int((orders.session >= 0).sum()),
    )


def _clean_totals(done: Activity, lost: dict[str, np.ndarray]) -> Counter:
    """Counts and cents of the rows that stay when all rejected rows are gone."""
    orders, lines, payments, refunds = done.orders, done.lines, done.payments, done.refunds
    totals: Counter = Counter()
    good, order_lines = ~lost["orders"], ~lost["order_items"]
    line_status = orders.status[lines.order]
    gross = lines.quantity * lines.unit_price
    for code, status in enumerate(cfg.STATUSES):
        here, line_here = good & (orders.status == code), order_lines & (line_status == code)
        totals[f"{status}.orders"] = int(here.sum())
        totals[f"{status}.order_items"] = int(line_here.sum())
        totals[f"{status}.gross_sales"] = int(gross[line_here].sum())
        totals[f"{status}.discounts"] = int(lines.discount[line_here].sum())
        totals[f"{status}.total_amount"] = int(orders.total[here].sum())
    for code, status in enumerate(cfg.PAYMENT_STATUSES):
        here = ~lost["payments"] & (payments.status == code)
        totals[f"payments.{status}"] = int(payments.amount[here].sum())
    totals["refunds.amount"] = int(refunds.amount[~lost["refunds"]].sum())
    return totals


def plantings(
    shop: Shop, done: Activity, number: Numbering, tables: dict[str, pa.Table]
) -> dict[str, Planting]:
    """Planting targets by entity: rows that others refer to are kept, so that dirt stays local."""
    targets: dict[str, Planting] = {}
    for entity, rows in tables.items():
        size = rows.num_rows
        targets[entity] = replace(
            plain_planting(entity, rows),
            new_key=lambda made, entity=entity, size=size: number.key(entity, size + made),
            unknown_order=number.unknown_order,
        )
    orders, lines = done.orders, done.lines
    referred = _flags(
        orders.size, done.refunds.order, lines.order[done.reviews.line], done.tickets.order
    )
    referred |= (orders.session >= 0) | ~orders.is_sale
    targets["orders"].kept = referred
    targets["order_items"].kept = referred[lines.order]
    targets["events"].kept = done.sessions.order[done.events.session] >= 0
    glitch = to_seconds(shop.timeline.incidents["glitch"])
    occurred = done.events.occurred
    targets["events"].glitch_day = (occurred >= glitch) & (occurred < glitch + cfg.DAY)
    return targets


def leave_out_customers(
    rng: np.random.Generator, done: Activity, number: Numbering, targets: dict[str, Planting]
) -> Accounts:
    """Remove the rows of some customers, whose orders then name a customer nobody knows.

    They have one or two untracked orders and wrote no ticket.
    """
    customers, orders = done.customers, done.orders
    known = orders.customer >= 0
    count = np.bincount(orders.customer[known], minlength=customers.size)
    quiet = ~customers.consent & ~_flags(customers.size, done.tickets.customer)
    candidates = np.flatnonzero(quiet & (count >= 1) & (count <= 2))
    wanted = max(1, round(DROPPED_CUSTOMERS_PER_1000 * customers.size / 1_000))
    dropped = np.sort(rng.choice(candidates, min(wanted, candidates.size), replace=False))
    gone = _flags(customers.size, dropped)
    theirs = known & gone[orders.customer]
    target = targets["customers"]
    targets["customers"] = replace(
        plain_planting("customers", target.rows.filter(pa.array(~gone))), new_key=target.new_key
    )
    targets["orders"].untouchable = theirs
    keys = number.ids("customers", dropped[:5]).to_pylist()
    return {
        ("orders", "unknown customer_id", "inferred"): Account(int(theirs.sum()), keys),
        ("customers", "inferred from orders", "inferred"): Account(dropped.size, keys),
    }


def simulate_chunk(settings: Settings, chunk: int) -> Chunk:
    """Everything that one chunk of customers does, as tables with their dirt."""
    shop = open_shop(settings)
    number = Numbering(settings, chunk)
    done = simulate_activity(shop, chunk)
    tables = clean_tables(shop, done, number)
    lost = {entity: np.zeros(rows.num_rows, dtype=bool) for entity, rows in tables.items()}
    accounts: Accounts = {}
    if settings.dirt:
        rng = random_stream(settings.seed, 11, chunk)
        targets = plantings(shop, done, number, tables)
        accounts = leave_out_customers(rng, done, number, targets)
        parents = {
            "order_items": done.lines.order,
            "payments": done.payments.order,
            "refunds": done.refunds.order,
        }
        scale = done.customers.size / 1_000
        for entity, target in targets.items():
            if entity in parents:
                target.cascade = lost["orders"][parents[entity]]
            tables[entity], lost[entity], planted = plant(
                target, rng, scale, as_csv=settings.format == "csv"
            )
            merge_accounts(accounts, planted)
    counts = _count_sales(done.customers, done.orders)
    counts.update(_count_sessions(done.sessions, done.events))
    counts["mismatched_reviews"] = done.reviews.mismatched
    counts.update(_clean_totals(done, lost))
    return Chunk(tables, units_sold(shop, done.orders, done.lines), counts, accounts)
