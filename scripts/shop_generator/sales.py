"""Customers and what they buy: purchase process, baskets, orders, payments and refunds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shop_generator import catalogue as cat
from shop_generator import settings as cfg
from shop_generator.catalogue import Catalogue
from shop_generator.settings import NO_TIME, pick
from shop_generator.timeline import Timeline, black_friday, to_date, to_seconds


@dataclass
class Customers:
    """One chunk's customers; every array is [customers]. Moments in seconds."""

    first_name: np.ndarray
    last_name: np.ndarray
    place: np.ndarray
    segment: np.ndarray
    channel: np.ndarray
    multiplier: np.ndarray
    consent: np.ndarray
    device: np.ndarray
    bought: np.ndarray
    registered: np.ndarray

    @property
    def size(self) -> int:
        return self.place.size


@dataclass
class Orders:
    """One chunk's orders in time order; every array is [orders]. Amounts in cents.

    ``customer`` is -1 for guests, ``coupon`` -1 for none, ``session`` -1 while untracked.
    """

    customer: np.ndarray
    placed: np.ndarray
    status: np.ndarray
    place: np.ndarray
    coupon: np.ndarray
    multiplier: np.ndarray
    goods: np.ndarray
    shipping: np.ndarray
    tax: np.ndarray
    total: np.ndarray
    updated: np.ndarray
    session: np.ndarray

    @property
    def size(self) -> int:
        return self.placed.size

    @property
    def is_sale(self) -> np.ndarray:
        return self.status <= cfg.RETURNED


@dataclass
class Lines:
    """One chunk's order lines; every array is [lines]. Amounts in cents for the whole line."""

    order: np.ndarray
    product: np.ndarray
    quantity: np.ndarray
    unit_price: np.ndarray
    discount: np.ndarray

    @property
    def size(self) -> int:
        return self.order.size

    @property
    def net(self) -> np.ndarray:
        return self.quantity * self.unit_price - self.discount


@dataclass
class Payments:
    """One chunk's payments; every array is [payments]."""

    order: np.ndarray
    method: np.ndarray
    amount: np.ndarray
    status: np.ndarray
    paid: np.ndarray


@dataclass
class Refunds:
    """One chunk's refunds; every array is [refunds]. ``line`` and ``quantity`` -1: whole order."""

    order: np.ndarray
    line: np.ndarray
    quantity: np.ndarray
    amount: np.ndarray
    reason: np.ndarray
    refunded: np.ndarray


class Places:
    """All cities of all countries as parallel arrays [places]."""

    def __init__(self) -> None:
        rows = [
            (country, region, city, weight / sum(map(len, regions.values())), tax, shipping)
            for country, (weight, tax, shipping, regions) in cfg.COUNTRIES.items()
            for region, cities in regions.items()
            for city in cities
        ]
        self.country, self.region, self.city, weights, taxes, shippings = zip(*rows, strict=True)
        self.weights = np.array(weights)
        self.tax = np.array(taxes)
        self.shipping = np.array(shippings, dtype=np.int64)
        names = list(cfg.COUNTRIES)
        self.country_index = np.array([names.index(country) for country in self.country])


PLACES = Places()


def simulate_customers(rng: np.random.Generator, size: int) -> Customers:
    """People with a home, a taste and a way to the shop; purchases come later."""
    return Customers(
        first_name=rng.integers(0, len(cfg.FIRST_NAMES), size),
        last_name=rng.integers(0, len(cfg.LAST_NAMES), size),
        place=pick(rng, PLACES.weights, size),
        segment=pick(rng, cfg.SEGMENT_WEIGHTS, size),
        channel=pick(rng, cfg.ACQUISITION_WEIGHTS, size),
        multiplier=rng.gamma(cfg.SPEND_SHAPE, 1 / cfg.SPEND_SHAPE, size),
        consent=rng.random(size) < cfg.CONSENT_SHARE,
        device=pick(rng, cfg.BUYING_DEVICE_WEIGHTS, size),
        bought=rng.random(size) >= cfg.NEVER_BOUGHT_SHARE,
        registered=np.zeros(size, dtype=np.int64),
    )


def simulate_purchases(
    rng: np.random.Generator, timeline: Timeline, buyers: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """BG/NBD purchases of ``buyers`` (indices [n]): customer indices and seconds, both [purchases].

    Fader, Hardie & Lee (2005): while active, repeat purchases are Poisson with a Gamma(r, alpha)
    rate per week; after each repeat purchase the customer leaves with a Beta(a, b) probability.
    The process runs in operational time, so that seasonality only moves purchases within it.
    """
    rate = rng.gamma(cfg.PROCESS["r"], 1 / cfg.PROCESS["alpha"], buyers.size)
    leaving = rng.beta(cfg.PROCESS["a"], cfg.PROCESS["b"], buyers.size)
    first = timeline.draw_acquisitions(rng, buyers.size)
    customers, seconds = [buyers], [first]
    active = np.arange(buyers.size)
    now = timeline.to_operational(first)
    while active.size:
        now = now + rng.exponential(1.0, active.size) / np.maximum(rate[active], 1e-12)
        inside = now < timeline.operational[-1]
        active, now = active[inside], now[inside]
        customers.append(buyers[active])
        seconds.append(timeline.from_operational(now))
        stays = rng.random(active.size) >= leaving[active]
        active, now = active[stays], now[stays]
    return np.concatenate(customers), np.concatenate(seconds)


def simulate_orders(
    rng: np.random.Generator, timeline: Timeline, customers: Customers
) -> tuple[Orders, np.ndarray]:
    """All orders of a chunk without amounts, and whether each is its customer's first [orders]."""
    buyers = np.flatnonzero(customers.bought)
    customer, placed = simulate_purchases(rng, timeline, buyers)
    guests = rng.poisson(cfg.GUEST_ORDERS_PER_CUSTOMER * customers.size)
    customer = np.concatenate([customer, np.full(guests, -1)])
    placed = np.concatenate([placed, timeline.draw_acquisitions(rng, guests)])

    age = timeline.end - placed
    status = np.full(customer.size, cfg.COMPLETED)
    status[age > 21 * cfg.DAY] = np.where(
        rng.random(int((age > 21 * cfg.DAY).sum())) < cfg.RETURNED_SHARE,
        cfg.RETURNED,
        cfg.COMPLETED,
    )
    status[age < 6 * cfg.DAY] = cfg.SHIPPED
    status[age < 2 * cfg.DAY] = cfg.PROCESSING

    failed = np.flatnonzero(rng.random(customer.size) < cfg.FAILED_ATTEMPTS_SHARE)
    never = np.flatnonzero(~customers.bought)
    never = never[rng.random(never.size) < 0.15]
    late = placed[failed] + rng.exponential(1.5 * cfg.DAY, failed.size).astype(np.int64) + cfg.HOUR
    extra_placed = np.concatenate([late, timeline.draw_acquisitions(rng, never.size)])
    extra_customer = np.concatenate([customer[failed], never])
    extra_status = pick(rng, (0.70, 0.22, 0.08), extra_placed.size) + cfg.CANCELLED
    inside = extra_placed < timeline.end
    customer = np.concatenate([customer, extra_customer[inside]])
    placed = np.concatenate([placed, extra_placed[inside]])
    status = np.concatenate([status, extra_status[inside]])

    order = np.lexsort((customer, placed))
    customer, placed, status = customer[order], placed[order], status[order]
    known = customer >= 0
    home = np.where(known, customers.place[customer], pick(rng, PLACES.weights, customer.size))
    elsewhere = known & (rng.random(customer.size) < 0.04)
    place = np.where(elsewhere, pick(rng, PLACES.weights, customer.size), home)
    first_at = np.full(customers.size, np.iinfo(np.int64).max)
    np.minimum.at(first_at, customer[known], placed[known])
    nothing = np.zeros(customer.size, dtype=np.int64)
    orders = Orders(
        customer=customer,
        placed=placed,
        status=status,
        place=place,
        coupon=np.full(customer.size, -1),
        multiplier=np.where(known, customers.multiplier[customer], 1.0),
        goods=nothing,
        shipping=nothing,
        tax=nothing,
        total=nothing,
        updated=_updated(rng, timeline, placed, status),
        session=np.full(customer.size, -1),
    )
    _register(rng, timeline, customers, first_at)
    return orders, known & (placed == first_at[customer])


def _updated(
    rng: np.random.Generator, timeline: Timeline, placed: np.ndarray, status: np.ndarray
) -> np.ndarray:
    """When each order last changed: a few days after it was placed, never after the end."""
    days = np.array([9.0, 2.5, 0.4, 22.0, 1.0, 0.1, 0.1])[status]
    later = placed + (rng.uniform(0.4, 1.6, placed.size) * days * cfg.DAY).astype(np.int64) + 60
    return np.minimum(later, timeline.end - 1)


def _register(
    rng: np.random.Generator, timeline: Timeline, customers: Customers, first_at: np.ndarray
) -> None:
    """Set registration moments: mostly just before the first order, some days earlier."""
    ordered = first_at < np.iinfo(np.int64).max
    minutes = rng.integers(2, 40, customers.size) * 60
    days = (rng.exponential(6.0, customers.size) * cfg.DAY).astype(np.int64)
    lead = np.where(rng.random(customers.size) < 0.35, days + minutes, minutes)
    anytime = timeline.draw_acquisitions(rng, customers.size)
    registered = np.where(ordered, np.where(ordered, first_at, 0) - lead, anytime)
    customers.registered = np.maximum(registered, timeline.start - cfg.DAY)


def simulate_lines(
    rng: np.random.Generator, timeline: Timeline, catalogue: Catalogue, orders: Orders
) -> Lines:
    """Baskets: products by week and taste, planted affinities, quantities and prices."""
    count = 1 + rng.poisson(cfg.EXTRA_LINES * np.sqrt(orders.multiplier))
    order = np.repeat(np.arange(orders.size), np.minimum(count, cfg.MAX_LINES))
    week = timeline.week_of(orders.placed)
    taste = np.digitize(orders.multiplier, (0.7, 1.35))
    product = catalogue.draw(rng, week[order], taste[order])
    flash_start = to_seconds(timeline.incidents["flash_sale"])
    flash_day = (orders.placed >= flash_start) & (orders.placed < flash_start + cfg.DAY)
    on_sale = np.flatnonzero(flash_day[order] & (rng.random(order.size) < 0.8))
    product[on_sale] = catalogue.draw_flash(rng, on_sale.size)
    for affinity in catalogue.affinities:
        holding = order[product == affinity.trigger]
        for partner in affinity.partners:
            joined = holding[rng.random(holding.size) < affinity.probability]
            order = np.concatenate([order, joined])
            product = np.concatenate([product, np.full(joined.size, partner)])
    order, product = np.divmod(np.unique(order * catalogue.size + product), catalogue.size)

    multiplier = orders.multiplier[order]
    cheap = catalogue.price[product] < 2_000
    quantity = 1 + rng.poisson(np.where(cheap, 0.28, 0.07) * multiplier)
    return Lines(
        order=order,
        product=product,
        quantity=np.minimum(quantity, 12),
        unit_price=catalogue.price_at(product, week[order]),
        discount=np.zeros(order.size, dtype=np.int64),
    )


def apply_coupons(
    rng: np.random.Generator, timeline: Timeline, orders: Orders, lines: Lines, first: np.ndarray
) -> None:
    """Choose coupons by the calendar and set the money taken off each line."""
    days = np.arange(timeline.start, timeline.end, cfg.DAY)
    dates = [to_date(day) for day in days]
    running = np.zeros((len(cfg.COUPONS), days.size))
    for position, day in enumerate(dates):
        running[1, position] = 0.12 * (3 <= day.month <= 4)
        running[2, position] = 0.22 * ((6, 15) <= (day.month, day.day) <= (8, 15))
        running[3, position] = 0.55 * (-4 <= (day - black_friday(day.year)).days <= 3)
        running[5, position] = 0.85 * (day == timeline.incidents["flash_sale"])
    today = (orders.placed - timeline.start) // cfg.DAY
    coupon = np.full(orders.size, -1)
    coupon[rng.random(orders.size) < np.where(orders.multiplier > 1.5, 0.06, 0.01)] = 4
    for code in (1, 2, 3, 5):
        coupon[rng.random(orders.size) < running[code][today]] = code
    coupon[(coupon < 0) & first & (rng.random(orders.size) < 0.25)] = 0
    orders.coupon = coupon
    rate = np.where(coupon >= 0, np.array(cfg.COUPON_RATES)[coupon], 0.0)[lines.order]
    lines.discount = np.rint(lines.quantity * lines.unit_price * rate).astype(np.int64)


def total_orders(orders: Orders, lines: Lines) -> None:
    """Set goods, shipping, tax and total of each order, exact to the cent."""
    goods = np.bincount(lines.order, lines.net, minlength=orders.size)
    orders.goods = np.rint(goods).astype(np.int64)
    free = orders.goods >= cfg.FREE_SHIPPING_FROM
    orders.shipping = np.where(free, 0, PLACES.shipping[orders.place])
    orders.tax = np.rint(orders.goods * PLACES.tax[orders.place]).astype(np.int64)
    orders.total = orders.goods + orders.shipping + orders.tax


def simulate_payments(rng: np.random.Generator, timeline: Timeline, orders: Orders) -> Payments:
    """Payments whose paid (or, for returned orders, refunded) amounts sum to the order's total."""
    sale = orders.is_sale
    method = pick(rng, cfg.METHOD_WEIGHTS, orders.size)
    recent = orders.placed > timeline.end - 10 * cfg.DAY
    slow = (method == cfg.BANK_TRANSFER) | (method == cfg.CASH_ON_DELIVERY)
    method[recent & slow] = cfg.CREDIT_CARD
    wait = rng.integers(20, 600, orders.size)
    wait = np.where(method == cfg.BANK_TRANSFER, wait * 250, wait)
    wait = np.where(method == cfg.CASH_ON_DELIVERY, wait * 600 + 2 * cfg.DAY, wait)
    status = np.select(
        [
            orders.status == cfg.RETURNED,
            sale,
            orders.status == cfg.FAILED,
            orders.status == cfg.PENDING,
        ],
        [2, 0, 1, 3],
        default=-1,
    )
    luck = rng.random(orders.size)
    cancelled = orders.status == cfg.CANCELLED
    status = np.where(cancelled & (luck < 0.12), 2, np.where(cancelled & (luck < 0.3), 1, status))
    paid_by_card = np.flatnonzero(sale & (rng.random(orders.size) < 0.05) & (orders.total > 2_500))
    method[paid_by_card] = cfg.CREDIT_CARD
    wait[paid_by_card] = np.minimum(wait[paid_by_card], 600)
    voucher = np.minimum(
        rng.choice([1_000, 2_000, 2_500], paid_by_card.size), orders.total[paid_by_card] - 500
    )
    amount = orders.total.copy()
    amount[paid_by_card] -= voucher
    first_failed = np.flatnonzero(sale & (rng.random(orders.size) < 0.04))
    exists = np.flatnonzero(status >= 0)

    order = np.concatenate([exists, paid_by_card, first_failed])
    gift = np.full(paid_by_card.size, cfg.GIFT_CARD)
    methods = np.concatenate([method[exists], gift, method[first_failed]])
    amounts = np.concatenate([amount[exists], voucher, amount[first_failed]])
    statuses = np.concatenate([status[exists], status[paid_by_card], np.full(first_failed.size, 1)])
    paid = orders.placed[order] + np.concatenate(
        [wait[exists], np.full(paid_by_card.size, 10), np.full(first_failed.size, 5)]
    )
    paid = np.where((statuses == 1) | (statuses == 3), NO_TIME, np.minimum(paid, timeline.end - 1))
    attempt = np.concatenate(
        [np.full(exists.size, 2), np.full(paid_by_card.size, 1), np.zeros(first_failed.size)]
    )
    by_order = np.lexsort((attempt, order))
    return Payments(
        order[by_order], methods[by_order], amounts[by_order], statuses[by_order], paid[by_order]
    )


def simulate_refunds(
    rng: np.random.Generator,
    timeline: Timeline,
    catalogue: Catalogue,
    orders: Orders,
    lines: Lines,
) -> Refunds:
    """Refunds of goods net of discounts, without tax and shipping.

    Returned orders in full (half of them line by line), some whole orders, some lines; more in one
    category, and a burst for the defective product when its bad batch is recalled.
    """
    returned = orders.status == cfg.RETURNED
    completed = orders.status == cfg.COMPLETED
    by_line = rng.random(orders.size) < 0.5
    whole = (returned & ~by_line) | (completed & (rng.random(orders.size) < cfg.WHOLE_REFUND_SHARE))
    whole_order = np.flatnonzero(whole)

    recall = to_seconds(timeline.incidents["recall"])
    placed = orders.placed[lines.order]
    is_defective = lines.product == catalogue.defective
    batch = is_defective & (placed < recall) & (placed > recall - cfg.BAD_BATCH_WEEKS * cfg.WEEK)
    troubled = catalogue.category[lines.product] == cat.category_names().index(
        cat.HIGH_REFUND_CATEGORY
    )
    chance = np.where(
        troubled, cfg.LINE_REFUND_SHARE * cfg.HIGH_REFUND_FACTOR, cfg.LINE_REFUND_SHARE
    )
    chance[is_defective] = cfg.DEFECT_REFUND_SHARE
    chance[batch] = cfg.BAD_BATCH_REFUND_SHARE
    chance[(returned & by_line)[lines.order]] = 1.0
    eligible = ((completed & ~whole) | (returned & by_line))[lines.order]
    line = np.flatnonzero(eligible & (rng.random(lines.size) < chance))

    full = returned[lines.order[line]]
    quantity = lines.quantity[line]
    quantity = np.where(full, quantity, 1 + np.floor(rng.random(line.size) * quantity)).astype(int)
    amount = lines.net[line] * quantity // lines.quantity[line]
    order = np.concatenate([lines.order[line], whole_order])
    wait = 4 + 25 * rng.beta(1.6, 3.0, order.size)
    wait = np.where(returned[order], np.minimum(wait, 20), wait)
    refunded = orders.placed[order] + (wait * cfg.DAY).astype(np.int64)
    reason = pick(rng, cfg.REASON_WEIGHTS, order.size)
    recalled = np.flatnonzero(batch[line])
    refunded[recalled] = recall + rng.integers(8 * cfg.HOUR, 44 * cfg.HOUR, recalled.size)
    reason[np.flatnonzero(is_defective[line])] = cfg.DEFECTIVE_REASON
    nothing = np.full(whole_order.size, -1)
    result = (
        order,
        np.concatenate([line, nothing]),
        np.concatenate([quantity, nothing]),
        np.concatenate([amount, orders.goods[whole_order]]),
        reason,
        refunded,
    )
    happened = (refunded < timeline.end) & (result[3] > 0)
    in_time = np.flatnonzero(happened)[np.argsort(refunded[happened], kind="stable")]
    return Refunds(*(values[in_time] for values in result))
