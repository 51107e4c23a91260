"""What the shop is made of: constants a reader may want to change, and the run's arguments.

Money is held as integer cents, moments as integer seconds since 1970 (UTC), until it is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

CHUNK_CUSTOMERS = 20_000
"""Customers simulated together; each chunk has its own random stream, so results do not depend
on how many processes share the work."""

DAY = 86_400
HOUR = 3_600
WEEK = 7 * DAY
NO_TIME = np.iinfo(np.int64).min
"""Marks an absent moment in an array of seconds."""

# Purchase process (Fader, Hardie & Lee 2005, "Counting Your Customers" the Easy Way: BG/NBD).
# Repeat purchases per week ~ Poisson(rate), rate ~ Gamma(r, rate parameter alpha); after each
# repeat purchase the customer leaves with probability p ~ Beta(a, b).
PROCESS = {"r": 0.5, "alpha": 2.4, "a": 0.75, "b": 2.8, "unit": "week"}
SPEND_SHAPE = 4.0
"""A customer's spend multiplier ~ Gamma(SPEND_SHAPE, mean 1): more lines, units, dearer goods."""
PRICE_TILTS = (-0.35, 0.0, 0.4)
"""Exponent on relative price in the choice of products: frugal, middle and generous customers."""
EXTRA_LINES = 0.92
"""Mean number of lines beyond the first, before products bought together."""
MAX_LINES = 9
NEVER_BOUGHT_SHARE = 0.06
GUEST_ORDERS_PER_CUSTOMER = 0.26
FAILED_ATTEMPTS_SHARE = 0.055
"""Orders placed on top of the purchase process that end cancelled, failed or pending."""
ACQUISITION_GROWTH = 0.4
"""Acquisitions at the end of the period over those at its start, minus one."""

# Seasonality: multiplicative indices with mean 1 over the year, the week and the day.
MONTH_INDEX = (0.88, 0.86, 0.93, 0.95, 0.98, 0.97, 0.92, 0.90, 0.99, 1.04, 1.22, 1.36)
WEEKDAY_INDEX = (1.05, 1.00, 0.97, 0.98, 0.95, 0.93, 1.12)
_HOURS = (8, 4, 3, 2, 2, 4, 9, 18, 27, 34, 38, 40, 44, 40, 36, 36, 38, 43, 50, 60, 68, 62, 40, 20)
HOUR_INDEX = tuple(round(24 * hour / sum(_HOURS), 4) for hour in _HOURS)
BLACK_FRIDAY_FACTOR = 1.7
HOLIDAY_FACTOR = 1.2
"""Black Friday to Cyber Monday, and the rest of Black Friday week up to 20 December."""

STATUSES = ("completed", "shipped", "processing", "returned", "cancelled", "failed", "pending")
COMPLETED, SHIPPED, PROCESSING, RETURNED, CANCELLED, FAILED, PENDING = range(7)

CHANNELS = ("organic_search", "paid_search", "email", "social", "direct", "affiliate")
ACQUISITION_WEIGHTS = (0.27, 0.25, 0.08, 0.17, 0.14, 0.09)
RETURNING_WEIGHTS = (0.18, 0.12, 0.27, 0.09, 0.29, 0.05)
VISITING_WEIGHTS = (0.29, 0.22, 0.07, 0.23, 0.11, 0.08)
CHANNEL_DEPTH = (1.0, 1.1, 1.3, 0.65, 1.25, 0.9)
"""How readily a visit that does not buy goes one funnel step deeper, by channel."""
DEVICES = ("desktop", "mobile", "tablet")
BUYING_DEVICE_WEIGHTS = (0.50, 0.41, 0.09)
VISITING_DEVICE_WEIGHTS = (0.31, 0.61, 0.08)
DEVICE_DEPTH = (1.2, 0.9, 1.0)
CONSENT_SHARE = 0.46
TRACKED_GIVEN_CONSENT = 0.92
EVENT_TYPES = ("page_view", "product_view", "add_to_cart", "remove_from_cart", "checkout",
               "purchase")  # fmt: skip
MEAN_EARLIER_VISITS = 0.8
ANONYMOUS_VISITS_PER_TRACKED_ORDER = 1.8

SEGMENTS = ("Consumer", "Small Business", "Corporate")
SEGMENT_WEIGHTS = (0.82, 0.13, 0.05)

# Coupon: share of the price taken off, share of orders using it while it runs.
COUPONS = ("WELCOME10", "SPRING5", "SUMMER15", "BLACKFRIDAY", "VIP20", "FLASH30")
COUPON_RATES = (0.10, 0.05, 0.15, 0.25, 0.20, 0.30)
FREE_SHIPPING_FROM = 6_000
"""Goods net of discounts, in cents, from which shipping is free."""

METHODS = ("credit_card", "paypal", "bank_transfer", "gift_card", "apple_pay", "klarna",
           "cash_on_delivery")  # fmt: skip
METHOD_WEIGHTS = (0.38, 0.26, 0.09, 0.03, 0.09, 0.11, 0.04)
CREDIT_CARD, PAYPAL, BANK_TRANSFER, GIFT_CARD, _, _, CASH_ON_DELIVERY = range(7)
PAYMENT_STATUSES = ("paid", "failed", "refunded", "pending")

REASONS = ("changed my mind", "wrong size", "damaged in transit", "not as described",
           "arrived too late", "defective")  # fmt: skip
REASON_WEIGHTS = (0.3, 0.2, 0.18, 0.17, 0.15, 0.0)
DEFECTIVE_REASON = 5
RETURNED_SHARE = 0.018
WHOLE_REFUND_SHARE = 0.005
LINE_REFUND_SHARE = 0.014
HIGH_REFUND_FACTOR = 2.8
DEFECT_REFUND_SHARE = 0.12
BAD_BATCH_REFUND_SHARE = 0.65
BAD_BATCH_WEEKS = 10

REVIEW_SHARE_OF_LINES = 0.13
REVIEW_MISMATCH_SHARE = 0.02
ORDER_TICKET_SHARE = 0.085
CUSTOMER_TICKET_SHARE = 0.09
# Topic: weight among order tickets, weight among other tickets, median hours to reply, to resolve.
TOPICS = {
    "delivery": (0.42, 0.0, 5, 30),
    "returns": (0.22, 0.0, 8, 60),
    "damaged item": (0.16, 0.0, 6, 72),
    "payment": (0.20, 0.1, 3, 20),
    "product question": (0.0, 0.6, 9, 14),
    "account": (0.0, 0.3, 4, 8),
}

INVENTORY_WEEKS = 52
# Channel, campaign, share of the channel's spend, cost per acquired customer, cost per click.
CAMPAIGNS = (
    ("paid_search", "Brand search", 0.2, 38.0, 0.35),
    ("paid_search", "Shopping ads", 0.5, 38.0, 0.55),
    ("paid_search", "Generic search", 0.3, 38.0, 0.80),
    ("social", "Prospecting", 0.65, 44.0, 0.60),
    ("social", "Retargeting", 0.35, 44.0, 0.40),
    ("affiliate", "Partner network", 1.0, 22.0, 0.45),
    ("email", "Newsletter", 1.0, 6.0, 0.08),
)

# Country: weight, tax rate on goods, shipping in cents, regions with their cities.
COUNTRIES = {
    "Germany": (0.30, 0.19, 490, {"Bavaria": ("Munich", "Nuremberg"), "Berlin": ("Berlin",),
                                  "Hamburg": ("Hamburg",), "Hesse": ("Frankfurt", "Kassel"),
                                  "Saxony": ("Leipzig", "Dresden")}),
    "United Kingdom": (0.20, 0.20, 690, {"England": ("London", "Manchester", "Bristol"),
                                         "Scotland": ("Edinburgh", "Glasgow"),
                                         "Wales": ("Cardiff",)}),
    "United States": (0.14, 0.07, 1290, {"California": ("Los Angeles", "San Diego"),
                                         "New York": ("New York",), "Texas": ("Austin", "Dallas"),
                                         "Washington": ("Seattle",)}),
    "France": (0.11, 0.20, 590, {"Ile-de-France": ("Paris",), "Occitanie": ("Toulouse",),
                                 "Auvergne-Rhone-Alpes": ("Lyon", "Grenoble")}),
    "Netherlands": (0.06, 0.21, 590, {"North Holland": ("Amsterdam", "Haarlem"),
                                      "Utrecht": ("Utrecht",)}),
    "Austria": (0.05, 0.20, 590, {"Vienna": ("Vienna",), "Styria": ("Graz",)}),
    "Switzerland": (0.03, 0.08, 990, {"Zurich": ("Zurich",), "Bern": ("Bern",)}),
    "Spain": (0.03, 0.21, 690, {"Catalonia": ("Barcelona",), "Madrid": ("Madrid",)}),
    "Italy": (0.03, 0.22, 690, {"Lombardy": ("Milan",), "Lazio": ("Rome",)}),
    "Poland": (0.02, 0.23, 690, {"Mazovia": ("Warsaw",), "Lesser Poland": ("Krakow",)}),
    "Sweden": (0.02, 0.25, 790, {"Stockholm": ("Stockholm",), "Skane": ("Malmo",)}),
    "Denmark": (0.01, 0.25, 790, {"Capital Region": ("Copenhagen",), "Central": ("Aarhus",)}),
}  # fmt: skip
COUNTRY_SPELLINGS = {
    "United Kingdom": ("united kingdom", "UK", "U.K."),
    "United States": ("USA", "U.S.", "united states"),
    "Germany": (" Germany", "GERMANY", "germany "),
}

FIRST_NAMES = (
    "Ada", "Alma", "Amir", "Anouk", "Arlo", "Asha", "Bela", "Bruno", "Carla", "Cedric", "Clara",
    "Dario", "Dora", "Edda", "Elias", "Emil", "Enzo", "Esme", "Fabio", "Fern", "Finn", "Flora",
    "Greta", "Hana", "Hugo", "Ida", "Ines", "Iris", "Ivo", "Jana", "Jonas", "Juno", "Kai", "Kira",
    "Lara", "Leo", "Lina", "Luca", "Mabel", "Malik", "Mara", "Mats", "Mila", "Nadia", "Nico",
    "Nora", "Olive", "Omar", "Otto", "Paula", "Pia", "Priya", "Quinn", "Rafa", "Remy", "Rosa",
    "Ruben", "Sami", "Selma", "Silas", "Stella", "Theo", "Tilda", "Timo", "Uma", "Vera", "Viggo",
    "Willa", "Yara", "Zoe",
)  # fmt: skip
LAST_NAMES = tuple(
    front + back
    for front in ("Apple", "Birch", "Bright", "Clover", "Copper", "Fern", "Frost", "Hazel",
                  "Lantern", "Maple", "Meadow", "Quill", "Silver", "Thistle", "Willow", "Wren")
    for back in ("brook", "dale", "field", "gate", "marsh", "shaw", "stone", "wick")
)  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """One run's arguments, already checked."""

    customers: int
    products: int
    seed: int
    start: date
    end: date
    format: str
    out: Path
    dirt: bool
    jobs: int

    @property
    def chunks(self) -> int:
        return -(-self.customers // CHUNK_CUSTOMERS)

    def chunk_size(self, chunk: int) -> int:
        return min(CHUNK_CUSTOMERS, self.customers - chunk * CHUNK_CUSTOMERS)

    @property
    def weeks(self) -> float:
        return ((self.end - self.start).days + 1) / 7


def random_stream(seed: int, *path: int) -> np.random.Generator:
    """An independent random stream named by the seed and a path of small integers."""
    return np.random.default_rng(np.random.SeedSequence((seed, *path)))


def pick(rng: np.random.Generator, weights: np.ndarray | tuple, size: int) -> np.ndarray:
    """Draw ``size`` indices with probability in proportion to ``weights``; int64 [size]."""
    edges = np.cumsum(np.asarray(weights, dtype=float))
    return np.minimum(np.searchsorted(edges / edges[-1], rng.random(size), side="right"),
                      len(edges) - 1)  # fmt: skip
