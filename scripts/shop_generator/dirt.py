"""Documented dirt: what is spoilt in which table, and an exact account of it.

A row carries at most one kind of dirt. ``edit`` spoils a row in place, ``copy`` adds a spoilt or
plain copy next to a good row, ``new`` adds one with a key of its own. Values that only text can
hold ('n/a' as a price) are planted in CSV files alone; typed Parquet columns cannot carry them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shop_generator import settings as cfg
from shop_generator.columns import KEYS, TEXT

Change = Callable[[Any, np.random.Generator], Any]
UNKNOWN_PRODUCTS = ("P9001", "P9002", "P9003")
UNREADABLE_MOMENTS = ("2025-02-30 10:00:00", "yesterday", "13/45/2025", "2024-11-31 08:15:00")

STATUS_SPELLINGS = {
    "completed": ("Completed ", "COMPLETED", " completed"),
    "shipped": (" Shipped", "SHIPPED"),
    "processing": ("Processing",),
    "returned": ("Returned", "RETURNED "),
    "cancelled": ("canceled", "Cancelled", "CANCELED"),
    "failed": ("Failed",),
    "pending": (" pending",),
    "paid": ("Paid", "PAID", "paid "),
    "refunded": ("Refunded",),
    "open": ("Open", "OPEN"),
    "resolved": ("Resolved", "resolved "),
    "closed": ("CLOSED", " Closed"),
}
METHOD_SPELLINGS = {
    "credit_card": ("Credit Card", "CC", "credit card"),
    "paypal": ("PayPal", "PAYPAL", " paypal"),
    "bank_transfer": ("Bank Transfer", "bank transfer "),
    "gift_card": ("Gift Card",),
    "apple_pay": ("Apple Pay", "ApplePay"),
    "klarna": ("Klarna",),
    "cash_on_delivery": ("Cash on Delivery", "COD"),
}


def one_of(*values: Any) -> Change:
    """Replace by one of some values."""
    return lambda _, rng: values[rng.integers(len(values))]


def spelt(spellings: dict[str, tuple[str, ...]]) -> Change:
    """Replace a known word by another spelling of it."""
    return lambda value, rng: spellings[value][rng.integers(len(spellings[value]))]


def padded(value: str, rng: np.random.Generator) -> str:
    """The same text with stray spaces."""
    return (f" {value}", f"{value} ", f" {value} ")[rng.integers(3)]


def shouted(value: str, rng: np.random.Generator) -> str:
    """An email address as some people type it."""
    return (f" {value}", value.upper(), value.title(), f"{value} ")[rng.integers(4)]


def malformed(value: str, rng: np.random.Generator) -> str:
    """An address that no mail can reach."""
    name, domain = value.split("@")
    return (f"{name}.{domain}", f"{name}@", f"@{domain}", f"{name}@@{domain}",
            f"{name} {domain}")[rng.integers(5)]  # fmt: skip


def negated(value: str | Decimal, rng: np.random.Generator) -> str | Decimal:
    """The same amount below zero."""
    return f"-{value}" if isinstance(value, str) else -value


def older(value: str | datetime, rng: np.random.Generator) -> str | datetime:
    """A moment some hours to some weeks before."""
    earlier = timedelta(seconds=int(rng.integers(3_600, 20 * cfg.DAY)))
    if isinstance(value, str):
        return str(datetime.fromisoformat(value) - earlier)
    return value - earlier


def cheaper(value: str | Decimal, rng: np.random.Generator) -> Decimal:
    """An earlier, lower price."""
    return (Decimal(value) * Decimal("0.9")).quantize(Decimal("0.01"))


def same_day_hour_25(value: str, rng: np.random.Generator) -> str:
    """What a broken clock wrote: the right day with an hour that does not exist."""
    return f"{value[:10]} 25:{value[14:]}"


@dataclass(frozen=True)
class Rule:
    """One kind of dirt.

    ``rows`` is per 1,000 customers (per 200 products for products and inventory, in all for
    marketing_spend).
    """

    entity: str
    kind: str
    outcome: str
    rows: int
    mode: str
    changes: dict[str, Change] = field(default_factory=dict)
    text_only: bool = False
    only_values: tuple[str, dict[str, Any]] | None = None
    only_glitch_day: bool = False


def _missing(entity: str, column: str, rows: int, mode: str) -> Rule:
    return Rule(entity, f"missing {column}", "rejected", rows, mode, {column: one_of(None)})


def _unreadable(entity: str, column: str, rows: int, mode: str, *values: str) -> Rule:
    change = {column: one_of(*values)}
    return Rule(entity, f"unreadable {column}", "rejected", rows, mode, change, text_only=True)


def _negative(entity: str, column: str, rows: int) -> Rule:
    return Rule(entity, f"negative {column}", "rejected", rows, "edit", {column: negated})


def _duplicate(entity: str, rows: int, **changes: Change) -> Rule:
    kind = "duplicate " + ", ".join(KEYS[entity])
    return Rule(entity, kind, "rejected", rows, "copy", changes)


def _respelt(entity: str, column: str, rows: int, spellings: dict[str, Any]) -> Rule:
    change = {column: spelt(spellings)}
    kind = f"spelling of {column}"
    return Rule(entity, kind, "cleaned", rows, "edit", change, only_values=(column, spellings))


def _padded_key(entity: str, rows: int) -> Rule:
    key = KEYS[entity][0]
    return Rule(entity, f"spaces around {key}", "cleaned", rows, "edit", {key: padded})


def _soft(entity: str, column: str, rows: int, value: str) -> Rule:
    change = {column: one_of(value)}
    kind = "invalid_columns"
    return Rule(entity, f"{kind}: {column}", "flagged", rows, "edit", change, text_only=True)


def _unknown_order(entity: str, rows: int) -> Rule:
    """Lines, payments or refunds of orders that never existed; the id is set when planted."""
    return Rule(entity, "unknown order_id", "rejected", rows, "new")


RULES = (
    _missing("customers", "customer_id", 3, "copy"),
    _duplicate("customers", 6, updated_at=older, customer_segment=one_of(*cfg.SEGMENTS)),
    Rule("customers", "is_email_valid", "flagged", 8, "edit", {"email": malformed}),
    _soft("customers", "registered_at", 3, "unknown"),
    _respelt("customers", "country", 8, cfg.COUNTRY_SPELLINGS),
    Rule("customers", "case and spaces of email", "cleaned", 5, "edit", {"email": shouted}),
    _padded_key("customers", 3),
    _missing("products", "product_id", 1, "copy"),
    _duplicate("products", 2, updated_at=older, price=cheaper),
    Rule("products", "invalid_columns: price", "flagged", 1, "edit", {"price": negated}),
    _padded_key("products", 1),
    _missing("orders", "order_id", 2, "edit"),
    _missing("orders", "order_id", 2, "copy"),
    _missing("orders", "ordered_at", 2, "edit"),
    _missing("orders", "ordered_at", 2, "copy"),
    _unreadable("orders", "ordered_at", 3, "edit", *UNREADABLE_MOMENTS),
    _unreadable("orders", "ordered_at", 3, "copy", *UNREADABLE_MOMENTS),
    Rule("orders", "out of range ordered_at", "rejected", 3, "copy",
         {"ordered_at": one_of(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59))}),
    _duplicate("orders", 9),
    _duplicate("orders", 11, updated_at=older, status=one_of("pending", "processing")),
    _soft("orders", "tax_amount", 4, "n/a"),
    _respelt("orders", "status", 30, STATUS_SPELLINGS),
    _respelt("orders", "shipping_country", 10, cfg.COUNTRY_SPELLINGS),
    _padded_key("orders", 4),
    _missing("order_items", "order_item_id", 5, "edit"),
    _missing("order_items", "product_id", 5, "edit"),
    _unreadable("order_items", "quantity", 4, "edit", "two", "one"),
    Rule("order_items", "zero quantity", "rejected", 6, "edit", {"quantity": one_of(0)}),
    _negative("order_items", "unit_price", 6),
    _unreadable("order_items", "unit_price", 5, "edit", "n/a", "free"),
    _unknown_order("order_items", 8),
    _duplicate("order_items", 20),
    Rule("order_items", "unknown product_id", "inferred", 6, "edit",
         {"product_id": one_of(*UNKNOWN_PRODUCTS)}),
    _padded_key("order_items", 10),
    _unknown_order("payments", 5),
    _unreadable("payments", "amount", 5, "edit", "n/a", "-"),
    _duplicate("payments", 12),
    _negative("payments", "amount", 4),
    _respelt("payments", "payment_method", 30, METHOD_SPELLINGS),
    _respelt("payments", "status", 12, STATUS_SPELLINGS),
    _unknown_order("refunds", 2),
    _unreadable("refunds", "refunded_at", 2, "edit", *UNREADABLE_MOMENTS),
    _negative("refunds", "amount", 1),
    _duplicate("refunds", 2),
    _missing("events", "event_id", 18, "edit"),
    _unreadable("events", "occurred_at", 12, "edit", *UNREADABLE_MOMENTS),
    Rule("events", "unreadable occurred_at", "rejected", 120, "copy",
         {"occurred_at": same_day_hour_25}, text_only=True, only_glitch_day=True),
    Rule("events", "unknown event_type", "rejected", 20, "new",
         {"event_type": one_of("hover", "scroll")}),
    _duplicate("events", 40),
    _missing("reviews", "product_id", 4, "edit"),
    _duplicate("reviews", 4),
    Rule("reviews", "invalid_columns: rating", "flagged", 4, "edit", {"rating": one_of(0, 6, 10)}),
    _unreadable("support_tickets", "opened_at", 2, "edit", *UNREADABLE_MOMENTS),
    _duplicate("support_tickets", 2),
    _soft("support_tickets", "satisfaction", 2, "good"),
    _respelt("support_tickets", "status", 3, STATUS_SPELLINGS),
    _missing("inventory", "product_id", 10, "copy"),
    _unreadable("inventory", "snapshot_date", 10, "copy", "2025-06-31", "last week"),
    _duplicate("inventory", 40),
    _unreadable("marketing_spend", "spend", 2, "edit", "n/a"),
    _negative("marketing_spend", "spend", 2),
    _missing("marketing_spend", "channel", 2, "edit"),
)  # fmt: skip


@dataclass
class Account:
    """How many rows of one kind were planted, with up to five keys."""

    rows: int = 0
    keys: list[str] = field(default_factory=list)

    def add(self, rows: int, keys: list[str]) -> None:
        self.rows += rows
        self.keys = (self.keys + keys)[:5]


Accounts = dict[tuple[str, str, str], Account]


def merge_accounts(into: Accounts, other: Accounts) -> None:
    for name, account in other.items():
        into.setdefault(name, Account()).add(account.rows, account.keys)


@dataclass
class Planting:
    """What :func:`plant` needs to know of one table.

    ``untouchable`` rows stay clean, ``kept`` rows may only be altered without being lost (both
    bool [rows]); ``cascade`` rows are lost already because their order is (bool [rows]).
    ``new_key`` and ``unknown_order`` make fresh ids.
    """

    entity: str
    rows: pa.Table
    untouchable: np.ndarray
    kept: np.ndarray
    cascade: np.ndarray
    glitch_day: np.ndarray
    new_key: Callable[[int], str]
    unknown_order: Change


def plain_planting(entity: str, rows: pa.Table) -> Planting:
    """A table whose rows may all be spoilt and that has no parent."""
    none = np.zeros(rows.num_rows, dtype=bool)
    return Planting(entity, rows, none, none, none, none, str, lambda value, rng: value)


def _fit(values: list[Any], kind: pa.DataType) -> pa.Array:
    """Values as a column: in text columns everything is spelt out."""
    if kind == TEXT:
        values = [None if v is None else _iso(v) for v in values]
    return pa.array(values, kind)


def _iso(value: Any) -> str:
    """str(), with four-digit years for moments."""
    return value.isoformat(" ") if isinstance(value, datetime) else str(value)


def _keys(rows: pa.Table, entity: str) -> list[str]:
    """Readable keys of at most five rows, without the missing ones."""
    parts = [rows[name].slice(0, 5).to_pylist() for name in KEYS[entity]]
    return [", ".join(map(str, key)) for key in zip(*parts, strict=True) if None not in key]


def _candidates(rule: Rule, target: Planting, free: np.ndarray) -> np.ndarray:
    """Rows that a rule may use, bool [rows]."""
    allowed = free
    if rule.mode == "edit" and rule.outcome in ("rejected", "inferred"):
        allowed = allowed & ~target.kept
    if rule.only_glitch_day:
        allowed = allowed & target.glitch_day
    if rule.only_values:
        column, spellings = rule.only_values
        known = pc.is_in(target.rows[column], pa.array(list(spellings), TEXT))
        allowed = allowed & known.to_numpy(zero_copy_only=False)
    if rule.kind.startswith("invalid_columns"):
        filled = pc.is_valid(target.rows[next(iter(rule.changes))])
        allowed = allowed & filled.to_numpy(zero_copy_only=False)
    return np.flatnonzero(allowed)


def _spoilt(
    rule: Rule, target: Planting, picked: pa.Table, rng: np.random.Generator, made: int
) -> dict[str, pa.Array]:
    """New values of the columns that a rule changes in the picked rows."""
    changes = dict(rule.changes)
    if rule.kind == "unknown order_id":
        changes["order_id"] = target.unknown_order
    columns = {
        name: _fit([change(value, rng) for value in picked[name].to_pylist()], picked[name].type)
        for name, change in changes.items()
    }
    if rule.mode == "new":
        fresh = [target.new_key(made + number) for number in range(picked.num_rows)]
        columns[KEYS[rule.entity][0]] = pa.array(fresh, TEXT)
    return columns


def _with_columns(rows: pa.Table, columns: dict[str, pa.Array]) -> pa.Table:
    for name, values in columns.items():
        rows = rows.set_column(rows.schema.get_field_index(name), name, values)
    return rows


def plant(
    target: Planting, rng: np.random.Generator, scale: float, as_csv: bool
) -> tuple[pa.Table, np.ndarray, Accounts]:
    """Spoil a table: the new table, which original rows are lost (bool [rows]), the account."""
    rows, size = target.rows, target.rows.num_rows
    accounts: Accounts = {}
    lost = target.cascade.copy()
    if lost.any():
        account = accounts.setdefault((target.entity, "unknown order_id", "rejected"), Account())
        account.add(int(lost.sum()), _keys(rows.filter(pa.array(lost)), target.entity))
    free = ~(target.untouchable | lost)
    edits: dict[str, list[tuple[np.ndarray, pa.Array]]] = {}
    copies, positions, made = [rows], [np.arange(size, dtype=float)], 0
    for rule in (rule for rule in RULES if rule.entity == target.entity):
        if rule.text_only and not as_csv:
            continue
        candidates = _candidates(rule, target, free)
        wanted = min(max(1, round(rule.rows * scale)), candidates.size)
        if not wanted:
            continue
        chosen = np.sort(rng.choice(candidates, wanted, replace=False))
        free[chosen] = False
        picked = rows.take(chosen)
        columns = _spoilt(rule, target, picked, rng, made)
        spoilt = _with_columns(picked, columns)
        if rule.mode == "edit":
            for name, values in columns.items():
                edits.setdefault(name, []).append((chosen, values))
            lost[chosen] |= rule.outcome == "rejected"
        else:
            copies.append(spoilt)
            positions.append(chosen + 0.5)
            made += wanted * (rule.mode == "new")
        name = (rule.entity, rule.kind, rule.outcome)
        accounts.setdefault(name, Account()).add(wanted, _keys(spoilt, rule.entity))
    copies[0] = _with_columns(rows, {name: _edited(rows[name], e) for name, e in edits.items()})
    together = pa.concat_tables(copies)
    order = np.argsort(np.concatenate(positions), kind="stable")
    return together.take(order), lost, accounts


def _edited(column: pa.ChunkedArray, edits: list[tuple[np.ndarray, pa.Array]]) -> pa.Array:
    """A column with the values of some rows replaced."""
    chosen = np.concatenate([rows for rows, _ in edits])
    values = pa.concat_arrays([values for _, values in edits]).take(np.argsort(chosen))
    mask = np.zeros(len(column), dtype=bool)
    mask[chosen] = True
    return pc.replace_with_mask(column.combine_chunks(), pa.array(mask), values)
