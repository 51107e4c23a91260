"""Visits to the web shop: sessions by channel and device, and their funnel events."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from shop_generator import settings as cfg
from shop_generator.catalogue import Catalogue
from shop_generator.sales import Customers, Lines, Orders
from shop_generator.settings import pick
from shop_generator.timeline import Timeline, to_seconds

BOUNCED, VIEWED, CARTED, AT_CHECKOUT, BOUGHT = range(5)
PAGE_VIEW, PRODUCT_VIEW, ADD, REMOVE, CHECKOUT, PURCHASE = range(6)
MAX_PRODUCTS = 16
OUTAGE_DAYS = 2
OUTAGE_SESSIONS_PER_1000_CUSTOMERS = 28
SESSION_ID_LOST_SHARE = 0.03
LATE_NIGHT_SHARE = 0.02
"""Anonymous visits moved to the minute before midnight, so that they cross it."""


@dataclass
class Sessions:
    """Every array is [sessions]. ``moment`` is the purchase of a buying session, else the start.

    ``order`` is the order placed or -1, ``leads_to`` the later order of the same visitor or -1.
    """

    visitor: np.ndarray
    customer: np.ndarray
    order: np.ndarray
    leads_to: np.ndarray
    moment: np.ndarray
    depth: np.ndarray
    channel: np.ndarray
    device: np.ndarray
    has_id: np.ndarray

    def take(self, chosen: np.ndarray) -> Sessions:
        """The chosen sessions, in the given order."""
        return Sessions(*(getattr(self, part.name)[chosen] for part in fields(self)))

    @property
    def size(self) -> int:
        return self.visitor.size


@dataclass
class Events:
    """One chunk's events in time order; every array is [events]. ``product`` -1 for none."""

    session: np.ndarray
    kind: np.ndarray
    product: np.ndarray
    occurred: np.ndarray


def _join(*parts: Sessions) -> Sessions:
    return Sessions(
        *(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Sessions))
    )


def _depth(rng: np.random.Generator, channel: np.ndarray, device: np.ndarray) -> np.ndarray:
    """How far a visit without purchase gets, by channel and device; [sessions]."""
    eagerness = np.array(cfg.CHANNEL_DEPTH)[channel] * np.array(cfg.DEVICE_DEPTH)[device]
    viewed = rng.random(channel.size) < np.minimum(0.46 * eagerness, 0.95)
    carted = viewed & (rng.random(channel.size) < np.minimum(0.32 * eagerness, 0.9))
    checkout = carted & (rng.random(channel.size) < np.minimum(0.26 * eagerness, 0.9))
    return viewed.astype(np.int64) + carted + checkout


def _buying(
    rng: np.random.Generator, timeline: Timeline, customers: Customers, orders: Orders
) -> Sessions:
    """One session for each tracked order; nobody buys on mobile during the checkout outage."""
    known = orders.customer >= 0
    consents = np.where(
        known, customers.consent[orders.customer], rng.random(orders.size) < cfg.CONSENT_SHARE
    )
    tracked = np.flatnonzero(consents & (rng.random(orders.size) < cfg.TRACKED_GIVEN_CONSENT))
    customer = orders.customer[tracked]
    size = tracked.size
    any_device = pick(rng, cfg.BUYING_DEVICE_WEIGHTS, size)
    usual = (customer >= 0) & (rng.random(size) < 0.8)
    device = np.where(usual, customers.device[customer], any_device)
    outage = to_seconds(timeline.incidents["outage"])
    during = (orders.placed[tracked] >= outage) & (
        orders.placed[tracked] < outage + OUTAGE_DAYS * cfg.DAY
    )
    device[during & (device == 1)] = 0
    guests = customer < 0
    visitor = np.where(guests, customers.size + np.cumsum(guests) - 1, customer)
    return Sessions(
        visitor=visitor,
        customer=customer,
        order=tracked,
        leads_to=np.full(size, -1),
        moment=orders.placed[tracked],
        depth=np.full(size, BOUGHT),
        channel=pick(rng, cfg.RETURNING_WEIGHTS, size),
        device=device,
        has_id=np.ones(size, dtype=bool),
    )


def _earlier(rng: np.random.Generator, timeline: Timeline, buying: Sessions) -> Sessions:
    """Visits of the same visitor in the week before a purchase; some leave a filled cart."""
    source = np.repeat(np.arange(buying.size), rng.poisson(cfg.MEAN_EARLIER_VISITS, buying.size))
    size = source.size
    back = (rng.uniform(0.12, 6.8, size) * cfg.DAY).astype(np.int64)
    channel = pick(rng, cfg.RETURNING_WEIGHTS, size)
    device = np.where(
        rng.random(size) < 0.5, buying.device[source], pick(rng, cfg.VISITING_DEVICE_WEIGHTS, size)
    )
    sessions = Sessions(
        visitor=buying.visitor[source],
        customer=np.where(rng.random(size) < 0.35, buying.customer[source], -1),
        order=np.full(size, -1),
        leads_to=buying.order[source],
        moment=buying.moment[source] - back,
        depth=_depth(rng, channel, device),
        channel=channel,
        device=device,
        has_id=np.ones(size, dtype=bool),
    )
    return sessions.take(np.flatnonzero(sessions.moment >= timeline.start))


def _anonymous(
    rng: np.random.Generator, timeline: Timeline, buying: Sessions, first_visitor: int
) -> Sessions:
    """Visitors who never buy, at times when others do; some come twice."""
    size = int(buying.size * cfg.ANONYMOUS_VISITS_PER_TRACKED_ORDER)
    near = buying.moment[rng.integers(0, max(buying.size, 1), size)]
    jitter = rng.integers(-9, 10, size) * cfg.DAY + rng.integers(-5_400, 5_400, size)
    channel = pick(rng, cfg.VISITING_WEIGHTS, size)
    device = pick(rng, cfg.VISITING_DEVICE_WEIGHTS, size)
    again = rng.random(size) < 0.15
    sessions = Sessions(
        visitor=first_visitor + np.cumsum(~again),
        customer=np.full(size, -1),
        order=np.full(size, -1),
        leads_to=np.full(size, -1),
        moment=near + jitter,
        depth=_depth(rng, channel, device),
        channel=channel,
        device=device,
        has_id=np.ones(size, dtype=bool),
    )
    inside = (sessions.moment >= timeline.start) & (sessions.moment < timeline.end - cfg.HOUR)
    return sessions.take(np.flatnonzero(inside))


def _outage(
    rng: np.random.Generator, timeline: Timeline, customers: int, first_visitor: int
) -> Sessions:
    """Mobile visits that get stuck at the checkout while it is broken."""
    size = max(12, customers * OUTAGE_SESSIONS_PER_1000_CUSTOMERS // 1_000)
    start = to_seconds(timeline.incidents["outage"])
    hours = pick(rng, cfg.HOUR_INDEX, size) + 24 * rng.integers(0, OUTAGE_DAYS, size)
    return Sessions(
        visitor=first_visitor + np.arange(size),
        customer=np.full(size, -1),
        order=np.full(size, -1),
        leads_to=np.full(size, -1),
        moment=start + hours * cfg.HOUR + rng.integers(0, 2_400, size),
        depth=np.full(size, AT_CHECKOUT),
        channel=pick(rng, cfg.VISITING_WEIGHTS, size),
        device=np.ones(size, dtype=np.int64),
        has_id=np.ones(size, dtype=bool),
    )


def simulate_sessions(
    rng: np.random.Generator, timeline: Timeline, customers: Customers, orders: Orders
) -> Sessions:
    """All sessions in time order; sets ``orders.session`` to the index of the buying session.

    The first session of a customer comes through the channel the customer was acquired by. A few
    sessions of visitors seen once lose their session id, so that it has to be inferred.
    """
    buying = _buying(rng, timeline, customers, orders)
    earlier = _earlier(rng, timeline, buying)
    visitors = customers.size + orders.size
    anonymous = _anonymous(rng, timeline, buying, visitors)
    visitors = int(anonymous.visitor.max(initial=visitors)) + 1
    sessions = _join(buying, earlier, anonymous, _outage(rng, timeline, customers.size, visitors))
    late = np.isin(sessions.depth, (VIEWED, CARTED)) & (sessions.leads_to < 0)
    late &= sessions.moment < timeline.end - cfg.DAY
    late = np.flatnonzero(late & (rng.random(sessions.size) < LATE_NIGHT_SHARE))
    midnight = (sessions.moment[late] // cfg.DAY + 1) * cfg.DAY
    sessions.moment[late] = midnight - rng.integers(5, 90, late.size)
    sessions = sessions.take(np.lexsort((sessions.visitor, sessions.moment)))
    visitor, first, code, seen = np.unique(
        sessions.visitor, return_index=True, return_inverse=True, return_counts=True
    )
    acquired = visitor < customers.size
    sessions.channel[first[acquired]] = customers.channel[visitor[acquired]]
    seen_once = (seen == 1)[code]
    lost = seen_once & (sessions.order < 0) & (rng.random(sessions.size) < SESSION_ID_LOST_SHARE)
    sessions.has_id[lost] = False
    sessions.visitor = code
    bought = np.flatnonzero(sessions.order >= 0)
    orders.session[sessions.order[bought]] = bought
    return sessions


def _looked_at(
    rng: np.random.Generator,
    timeline: Timeline,
    catalogue: Catalogue,
    orders: Orders,
    lines: Lines,
    sessions: Sessions,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Session, product and position of every product looked at, three arrays [views].

    Buyers look at what they buy; earlier visits look at the first product bought later; other
    visitors look at one to three products.
    """
    start = np.searchsorted(lines.order, np.arange(orders.size))
    in_order = np.bincount(lines.order, minlength=orders.size)
    bought = sessions.order >= 0
    count = 1 + (rng.random(sessions.size) < 0.22) + (rng.random(sessions.size) < 0.06)
    count = np.where(sessions.depth == BOUNCED, 0, count)
    count = np.where(bought, np.minimum(in_order[sessions.order], MAX_PRODUCTS), count)
    session = np.repeat(np.arange(sessions.size), count)
    position = np.arange(session.size) - np.repeat(np.cumsum(count) - count, count)
    week = np.clip(timeline.week_of(sessions.moment[session]), 0, timeline.weeks - 1)
    product = catalogue.draw(rng, week, np.ones_like(week))
    from_order = np.where(bought, sessions.order, sessions.leads_to)[session]
    known = (from_order >= 0) & (bought[session] | (position == 0))
    product[known] = lines.product[start[from_order[known]] + position[known]]
    return session, product, position


def simulate_events(
    rng: np.random.Generator,
    timeline: Timeline,
    catalogue: Catalogue,
    orders: Orders,
    lines: Lines,
    sessions: Sessions,
) -> Events:
    """Funnel events; a buying session ends in a purchase when its order is placed."""
    session, product, position = _looked_at(rng, timeline, catalogue, orders, lines, sessions)
    depth = sessions.depth[session]
    added = (depth == BOUGHT) | ((depth >= CARTED) & ((position == 0) | (depth > CARTED)))
    removed = (depth == CARTED) & added & (rng.random(session.size) < 0.22)
    everyone = np.arange(sessions.size)
    lands = (sessions.depth == BOUNCED) | (rng.random(sessions.size) < 0.55)
    steps = (
        (PAGE_VIEW, everyone[lands], None, 0),
        (PRODUCT_VIEW, session, product, 1 + 3 * position),
        (ADD, session[added], product[added], 2 + 3 * position[added]),
        (REMOVE, session[removed], product[removed], 3 + 3 * position[removed]),
        (CHECKOUT, everyone[sessions.depth >= AT_CHECKOUT], None, 3 * MAX_PRODUCTS + 1),
        (PURCHASE, everyone[sessions.depth == BOUGHT], None, 3 * MAX_PRODUCTS + 2),
    )
    owner = np.concatenate([who for _, who, _, _ in steps])
    kind = np.concatenate([np.full(who.size, code) for code, who, _, _ in steps])
    item = np.concatenate(
        [np.full(who.size, -1) if what is None else what for _, who, what, _ in steps]
    )
    rank = np.concatenate([np.broadcast_to(place, who.size) for _, who, _, place in steps])
    in_session = np.argsort(owner * 64 + rank, kind="stable")
    owner, kind, item = owner[in_session], kind[in_session], item[in_session]

    gap = 4 + np.minimum(rng.exponential(50.0, owner.size), 900).astype(np.int64)
    passed = np.cumsum(gap)
    count = np.bincount(owner, minlength=sessions.size)
    last = np.cumsum(count) - 1
    first = last - count + 1
    zero = np.where(sessions.depth == BOUGHT, passed[last], passed[first])
    occurred = sessions.moment[owner] + passed - zero[owner]
    inside = (occurred >= timeline.start) & (occurred < timeline.end)
    by_time = np.flatnonzero(inside)
    by_time = by_time[np.argsort(occurred[by_time], kind="stable")]
    return Events(owner[by_time], kind[by_time], item[by_time], occurred[by_time])


def recovered_carts(sessions: Sessions) -> int:
    """Sessions that left a cart whose visitor bought within seven days."""
    return int(((sessions.leads_to >= 0) & (sessions.depth >= CARTED)).sum())
