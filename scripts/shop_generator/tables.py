"""Keys of one chunk, and its tables in the raw contract."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shop_generator import columns as col
from shop_generator import settings as cfg
from shop_generator.catalogue import Catalogue
from shop_generator.sales import PLACES, Customers, Lines, Orders, Payments, Refunds
from shop_generator.service import TICKET_STATUSES, Reviews, Tickets
from shop_generator.settings import Settings
from shop_generator.web import Events, Sessions

# Key prefix, least number of digits, ids reserved per customer.
KEY_SHAPES = {
    "customers": ("C", 6, 1),
    "orders": ("O", 7, 12),
    "order_items": ("OI", 7, 30),
    "payments": ("PAY", 7, 14),
    "refunds": ("R", 6, 2),
    "events": ("E", 6, 80),
    "visitors": ("V", 6, 30),
    "sessions": ("S", 6, 30),
    "reviews": ("REV", 6, 4),
    "support_tickets": ("T", 6, 3),
}
SPARE_IDS = 1_000


class Numbering:
    """Keys of one chunk: each chunk has its own block of numbers, so chunks are independent."""

    def __init__(self, settings: Settings, chunk: int) -> None:
        longer = max(1, -(-int(settings.weeks) // 107))
        largest = min(cfg.CHUNK_CUSTOMERS, settings.customers)
        self.shapes = {}
        for entity, (prefix, digits, per_customer) in KEY_SHAPES.items():
            block = largest * per_customer
            if entity != "customers":
                block = block * longer + SPARE_IDS
            width = max(digits, len(str(block * settings.chunks)))
            self.shapes[entity] = (prefix, width, chunk * block, block)

    def ids(self, entity: str, numbers: np.ndarray) -> pa.Array:
        """Keys for positions int64 [n] within the chunk; a negative position gives null."""
        prefix, width, offset, block = self.shapes[entity]
        if numbers.size and numbers.max() >= block:
            raise ValueError(f"more {entity} in a chunk than the {block} ids reserved for it")
        return col.ids(prefix, np.where(numbers < 0, -1, numbers + offset + 1), width)

    def key(self, entity: str, number: int) -> str:
        return self.ids(entity, np.array([number]))[0].as_py()

    def unknown_order(self, _: str, rng: np.random.Generator) -> str:
        """An order id from the end of the range, which no chunk uses."""
        prefix, width, _, _ = self.shapes["orders"]
        return f"{prefix}{10**width - 1 - int(rng.integers(90_000))}"


def customers_table(customers: Customers, orders: Orders, number: Numbering) -> pa.Table:
    first = col.words(cfg.FIRST_NAMES, customers.first_name)
    last = col.words(cfg.LAST_NAMES, customers.last_name)
    key = number.ids("customers", np.arange(customers.size))
    digits = pc.utf8_ltrim(pc.utf8_slice_codeunits(key, 1), "0")
    domain = col.words(("@example.com", "@example.org", "@example.net"), customers.last_name % 3)
    address = pc.binary_join_element_wise(first, ".", last, digits, domain, "")
    latest = customers.registered.copy()
    known = orders.customer >= 0
    np.maximum.at(latest, orders.customer[known], orders.placed[known])
    return col.table(
        "customers",
        customer_id=key,
        first_name=first,
        last_name=last,
        email=pc.utf8_lower(address),
        country=col.words(PLACES.country, customers.place),
        region=col.words(PLACES.region, customers.place),
        city=col.words(PLACES.city, customers.place),
        customer_segment=col.words(cfg.SEGMENTS, customers.segment),
        acquisition_channel=col.words(cfg.CHANNELS, customers.channel),
        registered_at=col.moments(customers.registered),
        updated_at=col.moments(latest),
    )


def orders_table(orders: Orders, number: Numbering) -> pa.Table:
    return col.table(
        "orders",
        order_id=number.ids("orders", np.arange(orders.size)),
        customer_id=number.ids("customers", orders.customer),
        ordered_at=col.moments(orders.placed),
        status=col.words(cfg.STATUSES, orders.status),
        shipping_country=col.words(PLACES.country, orders.place),
        shipping_region=col.words(PLACES.region, orders.place),
        shipping_city=col.words(PLACES.city, orders.place),
        coupon_code=col.words(cfg.COUPONS, orders.coupon),
        shipping_amount=col.money(orders.shipping),
        tax_amount=col.money(orders.tax),
        total_amount=col.money(orders.total),
        session_id=number.ids("sessions", orders.session),
        updated_at=col.moments(orders.updated),
    )


def lines_table(lines: Lines, catalogue: Catalogue, number: Numbering) -> pa.Table:
    return col.table(
        "order_items",
        order_item_id=number.ids("order_items", np.arange(lines.size)),
        order_id=number.ids("orders", lines.order),
        product_id=catalogue.ids(lines.product),
        quantity=col.wholes(lines.quantity),
        unit_price=col.money(lines.unit_price),
        discount_amount=col.money(lines.discount),
    )


def payments_table(payments: Payments, number: Numbering) -> pa.Table:
    return col.table(
        "payments",
        payment_id=number.ids("payments", np.arange(payments.order.size)),
        order_id=number.ids("orders", payments.order),
        payment_method=col.words(cfg.METHODS, payments.method),
        amount=col.money(payments.amount),
        status=col.words(cfg.PAYMENT_STATUSES, payments.status),
        paid_at=col.moments(payments.paid),
    )


def refunds_table(refunds: Refunds, number: Numbering) -> pa.Table:
    return col.table(
        "refunds",
        refund_id=number.ids("refunds", np.arange(refunds.order.size)),
        order_id=number.ids("orders", refunds.order),
        order_item_id=number.ids("order_items", refunds.line),
        quantity=col.wholes(refunds.quantity),
        amount=col.money(refunds.amount),
        reason=col.words(cfg.REASONS, refunds.reason),
        refunded_at=col.moments(refunds.refunded),
    )


def events_table(
    events: Events, sessions: Sessions, catalogue: Catalogue, number: Numbering
) -> pa.Table:
    session = events.session
    return col.table(
        "events",
        event_id=number.ids("events", np.arange(session.size)),
        visitor_id=number.ids("visitors", sessions.visitor[session]),
        session_id=number.ids("sessions", np.where(sessions.has_id[session], session, -1)),
        customer_id=number.ids("customers", sessions.customer[session]),
        event_type=col.words(cfg.EVENT_TYPES, events.kind),
        product_id=catalogue.ids(events.product),
        occurred_at=col.moments(events.occurred),
        channel=col.words(cfg.CHANNELS, sessions.channel[session]),
        device=col.words(cfg.DEVICES, sessions.device[session]),
    )


def reviews_table(
    reviews: Reviews,
    orders: Orders,
    lines: Lines,
    texts: pa.Array,
    catalogue: Catalogue,
    number: Numbering,
) -> pa.Table:
    order = lines.order[reviews.line]
    return col.table(
        "reviews",
        review_id=number.ids("reviews", np.arange(order.size)),
        product_id=catalogue.ids(lines.product[reviews.line]),
        customer_id=number.ids("customers", orders.customer[order]),
        order_id=number.ids("orders", order),
        rating=col.wholes(reviews.rating),
        review_text=col.words(texts, reviews.text),
        reviewed_at=col.moments(reviews.reviewed),
    )


def tickets_table(tickets: Tickets, number: Numbering) -> pa.Table:
    return col.table(
        "support_tickets",
        ticket_id=number.ids("support_tickets", np.arange(tickets.opened.size)),
        customer_id=number.ids("customers", tickets.customer),
        order_id=number.ids("orders", tickets.order),
        topic=col.words(list(cfg.TOPICS), tickets.topic),
        status=col.words(TICKET_STATUSES, tickets.status),
        opened_at=col.moments(tickets.opened),
        first_replied_at=col.moments(tickets.replied),
        resolved_at=col.moments(tickets.resolved),
        satisfaction=col.wholes(tickets.satisfaction),
    )
