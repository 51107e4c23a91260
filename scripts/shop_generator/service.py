"""What customers say: product reviews and support tickets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shop_generator import settings as cfg
from shop_generator.catalogue import Catalogue
from shop_generator.sales import Customers, Lines, Orders
from shop_generator.settings import NO_TIME, pick
from shop_generator.timeline import Timeline

TEXTS_PER_RATING = 400
OPENINGS = {
    1: (
        "Terrible",
        "Very disappointed",
        "A complete waste of money",
        "Absolutely awful",
        "Never again",
        "Extremely poor",
    ),
    2: (
        "Not good",
        "Rather disappointing",
        "I expected more",
        "Not worth it",
        "Quite poor",
        "I am not happy with it",
    ),
    3: (
        "It is okay",
        "Average",
        "Neither good nor bad",
        "Acceptable",
        "It does the job",
        "Mixed feelings",
    ),
    4: (
        "Good",
        "Really nice",
        "I am happy with it",
        "Not bad at all",
        "Well made",
        "Pleasantly surprised",
    ),
    5: (
        "Excellent",
        "Absolutely love it",
        "Perfect",
        "Simply fantastic",
        "Extremely happy",
        "I could not be happier",
    ),
}
ASPECTS = {
    "bad": (
        "the delivery was far too slow",
        "the parcel arrived damaged",
        "the quality is really poor",
        "it broke after two days",
        "it is much too expensive for what it is",
        "customer service never answered",
        "the service was unfriendly",
        "it is not as described",
        "I would not buy it again",
    ),
    "middling": (
        "the delivery took a little long",
        "the quality is fine but nothing special",
        "the price is a bit high",
        "service was okay",
        "the colour differs slightly",
        "it is fine for the price",
    ),
    "good": (
        "the delivery was very fast",
        "the quality is excellent",
        "it is great value",
        "the price is very fair",
        "customer service was friendly and helpful",
        "it is exactly as described",
        "it was packed really well",
        "I would buy it again",
        "I had no problems with it at all",
    ),
}
MOODS = {
    1: ("bad", "bad"),
    2: ("bad", "middling"),
    3: ("middling", "middling"),
    4: ("good", "middling"),
    5: ("good", "good"),
}
ONE_WORD = {1: "Awful", 2: "Disappointing", 3: "Okay", 4: "Good", 5: "Great"}
OPPOSITE = np.array([0, 5, 5, 1, 1, 1])


@dataclass
class Reviews:
    """One chunk's reviews; every array is [reviews]. ``text`` indexes :func:`review_texts`."""

    line: np.ndarray
    rating: np.ndarray
    text: np.ndarray
    reviewed: np.ndarray
    mismatched: int


@dataclass
class Tickets:
    """One chunk's tickets; every array is [tickets]. ``satisfaction`` -1 for none."""

    customer: np.ndarray
    order: np.ndarray
    topic: np.ndarray
    status: np.ndarray
    opened: np.ndarray
    replied: np.ndarray
    resolved: np.ndarray
    satisfaction: np.ndarray


TICKET_STATUSES = ("open", "pending", "resolved", "closed", "reopened")


def review_texts(seed: int) -> list[str]:
    """A pool of texts, TEXTS_PER_RATING for each rating 1 … 5 one after another."""
    rng = cfg.random_stream(seed, 1)
    texts = []
    for rating, openings in OPENINGS.items():
        for number in range(TEXTS_PER_RATING):
            if number % 33 == 0:
                texts.append(ONE_WORD[rating])
                continue
            first, second = (rng.choice(ASPECTS[mood]) for mood in MOODS[rating])
            parts = [f"{openings[rng.integers(len(openings))]}, {first}"]
            if second != first and rng.random() < 0.6:
                link = "but" if MOODS[rating][0] != MOODS[rating][1] else "and"
                parts.append(f"{link} {second}")
            texts.append(" ".join(parts) + rng.choice(["", ".", ".", "!"]))
    return texts


def simulate_reviews(
    rng: np.random.Generator,
    timeline: Timeline,
    catalogue: Catalogue,
    orders: Orders,
    lines: Lines,
) -> Reviews:
    """Reviews of some delivered lines; stars follow the product's quality, text follows stars."""
    delivered = (orders.status == cfg.COMPLETED) | (orders.status == cfg.RETURNED)
    chosen = delivered[lines.order] & (rng.random(lines.size) < cfg.REVIEW_SHARE_OF_LINES)
    line = np.flatnonzero(chosen)
    wait = (rng.gamma(3.0, 5.0, line.size) + 4) * cfg.DAY
    reviewed = orders.placed[lines.order[line]] + wait.astype(np.int64)
    line, reviewed = line[reviewed < timeline.end], reviewed[reviewed < timeline.end]
    quality = catalogue.quality[lines.product[line]]
    quality = np.where(lines.product[line] == catalogue.defective, 2.1, quality)
    spoilt = 1.6 * (orders.status[lines.order[line]] == cfg.RETURNED)
    rating = np.clip(np.rint(rng.normal(quality - spoilt + 0.15, 1.0)), 1, 5).astype(np.int64)
    mismatch = rng.random(line.size) < cfg.REVIEW_MISMATCH_SHARE
    mood = np.where(mismatch, OPPOSITE[rating], rating)
    text = (mood - 1) * TEXTS_PER_RATING + rng.integers(0, TEXTS_PER_RATING, line.size)
    text[rng.random(line.size) < 0.06] = -1
    by_time = np.lexsort((line, reviewed))
    return Reviews(
        line=line[by_time],
        rating=rating[by_time],
        text=text[by_time],
        reviewed=reviewed[by_time],
        mismatched=int((mismatch & (text >= 0)).sum()),
    )


def simulate_tickets(
    rng: np.random.Generator, timeline: Timeline, customers: Customers, orders: Orders
) -> Tickets:
    """Tickets about orders and others; reply and resolution times are lognormal by topic."""
    about = np.flatnonzero(rng.random(orders.size) < cfg.ORDER_TICKET_SHARE)
    asking = np.flatnonzero(rng.random(customers.size) < cfg.CUSTOMER_TICKET_SHARE)
    weights = np.array(list(cfg.TOPICS.values()))
    topic = np.concatenate(
        [pick(rng, weights[:, 0], about.size), pick(rng, weights[:, 1], asking.size)]
    )
    after = (rng.gamma(1.5, 3.0, about.size) * cfg.DAY).astype(np.int64) + cfg.HOUR
    since = rng.random(asking.size) * (timeline.end - customers.registered[asking])
    opened = np.concatenate(
        [orders.placed[about] + after, customers.registered[asking] + since.astype(np.int64)]
    )
    order = np.concatenate([about, np.full(asking.size, -1)])
    customer = np.concatenate([orders.customer[about], asking])
    inside = np.flatnonzero((opened >= timeline.start) & (opened < timeline.end))
    by_time = inside[np.argsort(opened[inside], kind="stable")]
    topic, opened, order, customer = (v[by_time] for v in (topic, opened, order, customer))

    size = opened.size
    reply_hours = rng.lognormal(np.log(weights[topic, 2]), 0.9)
    solve_hours = reply_hours + rng.lognormal(np.log(weights[topic, 3]), 0.9)
    replied = opened + (reply_hours * cfg.HOUR).astype(np.int64)
    resolved = opened + (solve_hours * cfg.HOUR).astype(np.int64)
    reopened = rng.random(size) < 0.035
    never = reopened | (rng.random(size) < 0.015)
    replied = np.where(replied < timeline.end, replied, NO_TIME)
    resolved = np.where((resolved < timeline.end) & ~never, resolved, NO_TIME)
    is_replied, is_resolved = replied != NO_TIME, resolved != NO_TIME
    closed = is_resolved & (resolved < timeline.end - 5 * cfg.DAY)
    status = np.select([reopened & is_replied, closed, is_resolved, is_replied], [4, 3, 2, 1], 0)
    slowness = np.log(solve_hours / weights[topic, 3])
    happy = np.clip(np.rint(rng.normal(4.1 - 0.8 * slowness, 0.8)), 1, 5).astype(np.int64)
    satisfaction = np.where(is_resolved & (rng.random(size) < 0.6), happy, -1)
    return Tickets(customer, order, topic, status, opened, replied, resolved, satisfaction)
