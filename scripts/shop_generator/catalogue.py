"""Products, their prices and roles, and how likely each is to be bought in each week."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from shop_generator import columns as col
from shop_generator import settings as cfg
from shop_generator.settings import Settings, random_stream
from shop_generator.timeline import Timeline, to_date

GROWING_CATEGORY = "Beauty"
DECLINING_CATEGORY = "Books & Stationery"
HIGH_REFUND_CATEGORY = "Clothing"
FLASH_SALE_CATEGORY = "Electronics"

# Category: share of demand, then subcategory: lowest and highest price, product nouns.
CATEGORIES = {
    "Home & Kitchen": (0.17, {
        "Cookware": (15, 120, ("Frying Pan", "Saucepan", "Casserole", "Baking Tin", "Wok")),
        "Tableware": (8, 60, ("Dinner Plate Set", "Mug", "Salad Bowl", "Carafe", "Cutlery Set")),
        "Bedding": (20, 110, ("Duvet Cover", "Pillow", "Fitted Sheet", "Wool Blanket")),
    }),
    "Electronics": (0.15, {
        "Audio": (25, 180, ("Headphones", "Earbuds", "Portable Speaker", "Soundbar")),
        "Chargers & Cables": (7, 45, ("USB-C Cable", "Wall Charger", "Power Bank", "Hub")),
        "Smart Home": (15, 140, ("Smart Plug", "Light Strip", "Door Sensor", "Thermostat")),
    }),
    "Clothing": (0.17, {
        "Shirts": (14, 65, ("T-Shirt", "Linen Shirt", "Polo Shirt", "Flannel Shirt")),
        "Outerwear": (45, 190, ("Rain Jacket", "Parka", "Fleece Jacket", "Vest")),
        "Footwear": (30, 150, ("Trail Shoes", "Sneakers", "Ankle Boots", "Sandals")),
    }),
    "Beauty": (0.12, {
        "Skin Care": (7, 55, ("Face Cream", "Cleansing Gel", "Serum", "Hand Balm", "Sun Lotion")),
        "Hair Care": (5, 32, ("Shampoo", "Conditioner", "Hair Oil", "Hair Mask")),
        "Fragrance": (18, 95, ("Eau de Parfum", "Body Mist", "Scented Candle", "Room Spray")),
    }),
    "Sports & Outdoors": (0.13, {
        "Fitness": (8, 90, ("Yoga Mat", "Kettlebell", "Resistance Band", "Skipping Rope")),
        "Camping": (12, 170, ("Two-Person Tent", "Sleeping Bag", "Camp Stove", "Headlamp")),
        "Cycling": (10, 95, ("Bike Helmet", "Bike Light", "Pannier Bag", "Floor Pump")),
    }),
    "Toys & Games": (0.10, {
        "Board Games": (14, 55, ("Strategy Game", "Card Game", "Dice Game", "Family Quiz")),
        "Building Sets": (12, 110, ("Castle Set", "Harbour Set", "Train Set", "Marble Run")),
        "Soft Toys": (8, 38, ("Plush Bear", "Plush Fox", "Hand Puppet", "Plush Whale")),
    }),
    "Books & Stationery": (0.09, {
        "Notebooks": (5, 28, ("Notebook", "Planner", "Sketchbook", "Travel Journal")),
        "Pens & Ink": (4, 48, ("Fountain Pen", "Gel Pen Set", "Ink Bottle", "Brush Pen Set")),
        "Picture Books": (9, 26, ("Bedtime Stories", "Animal Atlas", "Counting Book")),
    }),
    "Garden": (0.07, {
        "Plants & Seeds": (4, 35, ("Herb Seeds", "Tulip Bulbs", "Succulent", "Tomato Seeds")),
        "Garden Tools": (10, 75, ("Pruning Shears", "Hand Trowel", "Watering Can", "Rake")),
        "Outdoor Living": (15, 160, ("Garden Chair", "Lantern", "Picnic Blanket", "Fire Bowl")),
    }),
}  # fmt: skip
BRANDS = ("Halvora", "Ternwick", "Quillmoss", "Brindlekin", "Oskelby", "Marrowfen", "Luminta",
          "Fjellgard", "Pellowe", "Sundrake")  # fmt: skip
STYLES = ("Classic", "Compact", "Everyday", "Deluxe", "Essential", "Favourite", "Heritage",
          "Light", "Modern", "Nordic", "Original", "Premium", "Pure", "Signature", "Simple",
          "Slim")  # fmt: skip
PRAISES = (
    "made to last and easy to care for",
    "a customer favourite that makes a good present",
    "carefully finished and ready to use",
    "a simple design with attention to detail",
    "made from responsibly sourced materials",
)

# Subcategories of products bought together, and how often the first brings each of the others.
AFFINITIES = (
    (("Cookware", "Tableware"), 0.40),
    (("Notebooks", "Pens & Ink"), 0.45),
    (("Skin Care", "Hair Care"), 0.35),
    (("Plants & Seeds", "Garden Tools"), 0.40),
    (("Board Games", "Building Sets"), 0.30),
    (("Camping", "Outdoor Living"), 0.35),
    (("Chargers & Cables", "Audio"), 0.30),
    (("Bedding", "Fragrance"), 0.30),
    (("Fitness", "Shirts", "Footwear"), 0.35),
    (("Picture Books", "Soft Toys", "Smart Home"), 0.35),
)
TRIGGER_DEMAND = 0.011
PARTNER_DEMAND = 0.005
DEFECTIVE_DEMAND = 0.022
STOCK_OUT_WEEKS = (4, 5, 6, 7, 8)


@dataclass(frozen=True)
class Affinity:
    """When product ``trigger`` is in a basket, each of ``partners`` joins with ``probability``."""

    trigger: int
    partners: tuple[int, ...]
    probability: float


@dataclass(frozen=True)
class StockOut:
    """A product without stock from week ``first`` to week ``last``, both included."""

    product: int
    first: int
    last: int


@dataclass(frozen=True)
class Catalogue:
    """All products; every array is [products]. Prices and costs in cents, launches in seconds."""

    category: np.ndarray
    subcategory: np.ndarray
    names: list[str]
    descriptions: list[str]
    price: np.ndarray
    cost: np.ndarray
    earlier_price: np.ndarray
    price_change_week: np.ndarray
    quality: np.ndarray
    launched: np.ndarray
    updated: np.ndarray
    first_week: np.ndarray
    last_week: np.ndarray
    affinities: list[Affinity]
    stock_outs: list[StockOut]
    defective: int
    launched_later: np.ndarray
    discontinued: np.ndarray
    dead: np.ndarray
    overstocked: np.ndarray
    cumulative: np.ndarray = field(repr=False)
    flash_cumulative: np.ndarray = field(repr=False)
    available: np.ndarray = field(repr=False)

    @property
    def size(self) -> int:
        return self.price.size

    @property
    def width(self) -> int:
        return max(4, len(str(self.size)))

    def ids(self, numbers: np.ndarray) -> pa.Array:
        """Product keys for indices int64 [n]; a negative index gives null."""
        return col.ids("P", np.where(numbers < 0, -1, numbers + 1), self.width)

    def key(self, product: int) -> str:
        return f"P{product + 1:0{self.width}d}"

    def price_at(self, product: np.ndarray, week: np.ndarray) -> np.ndarray:
        """Price in cents when sold, both arguments and the result int64 [n]."""
        changed = week >= self.price_change_week[product]
        return np.where(changed, self.price[product], self.earlier_price[product])

    def draw(self, rng: np.random.Generator, week: np.ndarray, tilt: np.ndarray) -> np.ndarray:
        """One product per line: week and price taste int64 [n] give product indices int64 [n].

        ``cumulative`` is one rising array over (taste, week, product), one unit per (taste,
        week), so a single binary search serves all lines.
        """
        weeks = self.available.shape[0]
        row = tilt * weeks + week
        position = np.searchsorted(self.cumulative, row + rng.random(week.size), side="right")
        return np.clip(position - row * self.size, 0, self.size - 1)

    def draw_flash(self, rng: np.random.Generator, size: int) -> np.ndarray:
        return np.searchsorted(self.flash_cumulative, rng.random(size), side="right")


def category_names() -> list[str]:
    return list(CATEGORIES)


def subcategory_names() -> list[str]:
    return [name for _, subcategories in CATEGORIES.values() for name in subcategories]


def _names(rng: np.random.Generator, subcategory: np.ndarray) -> tuple[list[str], list[str]]:
    """Readable, unique product names and one-sentence descriptions."""
    nouns = [kinds[2] for _, subs in CATEGORIES.values() for kinds in subs.values()]
    names, descriptions, taken = [], [], set()
    for index in subcategory:
        noun = nouns[index][rng.integers(len(nouns[index]))]
        name = f"{BRANDS[rng.integers(len(BRANDS))]} {STYLES[rng.integers(len(STYLES))]} {noun}"
        edition = 1
        while (numbered := name if edition == 1 else f"{name} No. {edition}") in taken:
            edition += 1
        taken.add(numbered)
        names.append(numbered)
        praise = PRAISES[rng.integers(len(PRAISES))]
        descriptions.append(f"{noun[0]}{noun[1:].lower()} by {name.split()[0]}: {praise}."
                            .replace("Usb-c", "USB-C"))  # fmt: skip
    return names, descriptions


def _prices(rng: np.random.Generator, subcategory: np.ndarray) -> np.ndarray:
    """Prices in cents within the band of the subcategory, with shop-like endings."""
    bands = [kinds[:2] for _, subs in CATEGORIES.values() for kinds in subs.values()]
    low, high = np.array(bands, dtype=float)[subcategory].T
    euros = np.floor(low * (high / low) ** rng.beta(1.6, 2.2, subcategory.size))
    return (euros * 100 + rng.choice([99, 99, 90, 50, 49], subcategory.size)).astype(np.int64)


def _affinities(demand: np.ndarray, subcategory: np.ndarray, free: np.ndarray) -> list[Affinity]:
    """Fill the planned affinities with the best-selling free product of each subcategory."""
    names = subcategory_names()
    planned = []
    for subs, probability in AFFINITIES:
        chosen = []
        for name in subs:
            candidates = np.flatnonzero(free & (subcategory == names.index(name)))
            best = int(candidates[np.argmax(demand[candidates])])
            free[best] = False
            chosen.append(best)
        planned.append(Affinity(chosen[0], tuple(chosen[1:]), probability))
    return planned


def _take(rng: np.random.Generator, free: np.ndarray, weights: np.ndarray, n: int) -> np.ndarray:
    """Choose ``n`` free products in proportion to ``weights`` and mark them as taken."""
    odds = np.where(free, weights, 0.0)
    chosen = np.sort(rng.choice(free.size, n, replace=False, p=odds / odds.sum()))
    free[chosen] = False
    return chosen


def _stock_outs(products: np.ndarray, weeks: int) -> list[StockOut]:
    """Spread the stock-outs over the last year; the last one is still going on at the end."""
    first_possible = max(4, weeks - cfg.INVENTORY_WEEKS + 2)
    starts = np.linspace(first_possible, weeks - STOCK_OUT_WEEKS[0], products.size).astype(int)
    lengths = STOCK_OUT_WEEKS[::-1]
    return [
        StockOut(int(product), int(start), int(min(start + lengths[i % 5] - 1, weeks - 1)))
        for i, (product, start) in enumerate(zip(products, starts, strict=True))
    ]


def _weekly_demand(
    timeline: Timeline, category: np.ndarray, demand: np.ndarray, available: np.ndarray
) -> np.ndarray:
    """Relative demand [weeks, products]: popularity, trend of the category, availability."""
    progress = np.arange(timeline.weeks) / max(timeline.weeks - 1, 1)
    trend = np.ones((timeline.weeks, len(CATEGORIES)))
    trend[:, category_names().index(GROWING_CATEGORY)] = 0.5 + 1.3 * progress
    trend[:, category_names().index(DECLINING_CATEGORY)] = 1.6 - 1.25 * progress
    return trend[:, category] * demand * available


def build_catalogue(settings: Settings, timeline: Timeline) -> Catalogue:
    """All products of one run, with the roles that the planted facts name."""
    rng = random_stream(settings.seed, 0)
    size, weeks = settings.products, timeline.weeks
    shares = np.array([share for share, _ in CATEGORIES.values()])
    subcategory = np.sort(np.arange(size) % len(subcategory_names()))
    category = subcategory // 3
    price = _prices(rng, subcategory)
    names, descriptions = _names(rng, subcategory)

    rank = rng.permutation(size)
    demand = 1 / (rank + 4.0) ** 0.85
    category_demand = np.bincount(category, demand, minlength=shares.size)
    demand *= (shares / category_demand)[category]
    free = np.ones(size, dtype=bool)
    affinities = _affinities(demand, subcategory, free)
    cap = 0.8 * TRIGGER_DEMAND
    defective = int(np.argmax(demand * free * (category == 1) * (subcategory == 3)))
    free[defective] = False
    demand = np.minimum(demand, cap + 0.4 * np.maximum(demand - cap, 0))
    for affinity in affinities:
        demand[affinity.trigger] = TRIGGER_DEMAND
        demand[list(affinity.partners)] = PARTNER_DEMAND
    demand[defective] = DEFECTIVE_DEMAND
    share = size / 200
    out_of_stock = _take(rng, free, demand**2, min(40, max(3, round(5 * share))))
    launched_later = _take(rng, free, demand, max(2, round(8 * share)))
    discontinued = _take(rng, free, demand, max(2, round(6 * share)))
    overstocked = _take(rng, free, demand, max(2, round(5 * share)))
    dead = _take(rng, free, 1 / demand, max(2, round(4 * share)))
    demand[dead] *= 0.01
    demand[launched_later] *= 1.5

    first_week = np.zeros(size, dtype=np.int64)
    first_week[launched_later] = rng.integers(weeks // 5, int(weeks * 0.85), launched_later.size)
    last_week = np.full(size, weeks - 1, dtype=np.int64)
    last_week[discontinued] = rng.integers(int(weeks * 0.55), int(weeks * 0.9), discontinued.size)
    week = np.arange(weeks)[:, None]
    available = (week >= first_week) & (week <= last_week)
    stock_outs = _stock_outs(rng.permutation(out_of_stock), weeks)
    for out in stock_outs:
        available[out.first : out.last + 1, out.product] = False

    weekly = _weekly_demand(timeline, category, demand, available)
    relative = price / np.median(price)
    rows = np.concatenate([weekly * relative**tilt for tilt in cfg.PRICE_TILTS])
    cumulative = np.cumsum(rows, axis=1)
    cumulative = cumulative / cumulative[:, -1:] + np.arange(rows.shape[0])[:, None]
    flash_week = (timeline.incidents["flash_sale"] - timeline.monday(0)).days // 7
    on_sale = category == category_names().index(FLASH_SALE_CATEGORY)
    flash = np.cumsum(weekly[flash_week] * on_sale)

    changed = rng.random(size) < 0.08
    earlier_price = np.where(changed, (price * rng.uniform(0.92, 0.98, size)).astype(int), price)
    price_change_week = np.where(changed, rng.integers(weeks // 4, weeks, size), 0)
    launched = timeline.first_monday + first_week * cfg.WEEK
    always = first_week == 0
    launched[always] = timeline.start - rng.integers(20, 900, int(always.sum())) * cfg.DAY
    changed_on = timeline.first_monday + price_change_week * cfg.WEEK
    updated = np.where(changed, np.maximum(launched, changed_on), launched)
    return Catalogue(
        category=category,
        subcategory=subcategory,
        names=names,
        descriptions=descriptions,
        price=price,
        cost=(price * rng.uniform(0.35, 0.75, size)).astype(np.int64),
        earlier_price=earlier_price,
        price_change_week=price_change_week,
        quality=np.clip(rng.normal(4.0, 0.55, size), 2.0, 4.9),
        launched=launched,
        updated=updated + 9 * cfg.HOUR,
        first_week=first_week,
        last_week=last_week,
        affinities=affinities,
        stock_outs=stock_outs,
        defective=defective,
        launched_later=launched_later,
        discontinued=discontinued,
        dead=dead,
        overstocked=overstocked,
        cumulative=cumulative.ravel(),
        flash_cumulative=flash / flash[-1],
        available=available,
    )


def products_table(catalogue: Catalogue) -> pa.Table:
    """The raw products in key order."""
    launched = [to_date(seconds) for seconds in catalogue.launched]
    return col.table(
        "products",
        product_id=catalogue.ids(np.arange(catalogue.size)),
        product_name=pa.array(catalogue.names),
        description=pa.array(catalogue.descriptions),
        category=col.words(category_names(), catalogue.category),
        subcategory=col.words(subcategory_names(), catalogue.subcategory),
        price=col.money(catalogue.price),
        cost=col.money(catalogue.cost),
        launched_at=pa.array(launched, col.DAY),
        updated_at=col.moments(catalogue.updated),
    )
