"""The data generator: same bytes for same arguments, the contract's shape, honest facts.

The dirt is recounted with rules written here, in SQL over the raw text, not with the generator's.
"""

from __future__ import annotations

import csv
import hashlib
import importlib
import json
import sys
from collections import Counter
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

generate_data = importlib.import_module("generate_data")

CONTRACT = {
    "customers": "customer_id first_name last_name email country region city customer_segment "
    "acquisition_channel registered_at updated_at",
    "products": "product_id product_name description category subcategory price cost launched_at "
    "updated_at",
    "orders": "order_id customer_id ordered_at status shipping_country shipping_region "
    "shipping_city coupon_code shipping_amount tax_amount total_amount session_id updated_at",
    "order_items": "order_item_id order_id product_id quantity unit_price discount_amount",
    "payments": "payment_id order_id payment_method amount status paid_at",
    "refunds": "refund_id order_id order_item_id quantity amount reason refunded_at",
    "events": "event_id visitor_id session_id customer_id event_type product_id occurred_at "
    "channel device",
    "reviews": "review_id product_id customer_id order_id rating review_text reviewed_at",
    "support_tickets": "ticket_id customer_id order_id topic status opened_at first_replied_at "
    "resolved_at satisfaction",
    "inventory": "product_id snapshot_date units_on_hand units_on_order lead_time_days",
    "marketing_spend": "spend_date channel campaign spend impressions clicks",
}
SALE_STATUSES = "('completed', 'shipped', 'processing', 'returned')"
EVENT_TYPES = (
    "('page_view', 'product_view', 'add_to_cart', 'remove_from_cart', 'checkout', 'purchase')"
)
UNKNOWN_ORDER = "unknown order_id: trim(order_id) not in (select key from good_orders)"

# Per table: its key, then "reason: condition" in the order in which a warehouse checks them.
REJECTIONS = {
    "orders": ("trim(order_id)", [
        "missing order_id: order_id is null",
        "missing ordered_at: ordered_at is null",
        "unreadable ordered_at: try_cast(ordered_at as timestamp) is null",
        "out of range ordered_at: ordered_at like '0001-%' or ordered_at like '9999-%'",
    ]),
    "customers": ("trim(customer_id)", ["missing customer_id: customer_id is null"]),
    "products": ("trim(product_id)", ["missing product_id: product_id is null"]),
    "order_items": ("trim(order_item_id)", [
        "missing order_item_id: order_item_id is null",
        "missing product_id: product_id is null",
        "unreadable quantity: try_cast(quantity as integer) is null",
        "zero quantity: try_cast(quantity as integer) = 0",
        "unreadable unit_price: try_cast(unit_price as double) is null",
        "negative unit_price: try_cast(unit_price as double) < 0",
        UNKNOWN_ORDER,
    ]),
    "payments": ("trim(payment_id)", [
        "unreadable amount: try_cast(amount as double) is null",
        "negative amount: try_cast(amount as double) < 0",
        UNKNOWN_ORDER,
    ]),
    "refunds": ("trim(refund_id)", [
        "unreadable refunded_at: try_cast(refunded_at as timestamp) is null",
        "negative amount: try_cast(amount as double) < 0",
        UNKNOWN_ORDER,
    ]),
    "events": ("trim(event_id)", [
        "missing event_id: event_id is null",
        "unreadable occurred_at: try_cast(occurred_at as timestamp) is null",
        f"unknown event_type: event_type not in {EVENT_TYPES}",
    ]),
    "reviews": ("trim(review_id)", ["missing product_id: product_id is null"]),
    "support_tickets": ("trim(ticket_id)", [
        "unreadable opened_at: try_cast(opened_at as timestamp) is null",
    ]),
    "inventory": ("trim(product_id) || ', ' || snapshot_date", [
        "missing product_id: product_id is null",
        "unreadable snapshot_date: try_cast(snapshot_date as date) is null",
    ]),
    "marketing_spend": ("spend_date || channel || campaign", [
        "missing channel: channel is null",
        "unreadable spend: try_cast(spend as double) is null",
        "negative spend: try_cast(spend as double) < 0",
    ]),
}  # fmt: skip
DUPLICATE = {
    "customers": "customer_id",
    "products": "product_id",
    "orders": "order_id",
    "order_items": "order_item_id",
    "payments": "payment_id",
    "refunds": "refund_id",
    "events": "event_id",
    "reviews": "review_id",
    "support_tickets": "ticket_id",
    "inventory": "product_id, snapshot_date",
    "marketing_spend": "spend_date, channel, campaign",
}
COUNTRIES = (
    "('Germany', 'United Kingdom', 'United States', 'France', 'Netherlands', 'Austria', "
    "'Switzerland', 'Spain', 'Italy', 'Poland', 'Sweden', 'Denmark')"
)
SOFT_COUNTS = {
    ("customers", "is_email_valid"): "not regexp_full_match(trim(email), "
    "'[^@ ]+@[^@ ]+\\.[a-zA-Z]+')",
    ("customers", "invalid_columns: registered_at"): "registered_at = 'unknown'",
    ("customers", "spelling of country"): f"country not in {COUNTRIES}",
    ("customers", "case and spaces of email"): "email <> lower(trim(email))",
    ("customers", "spaces around customer_id"): "customer_id <> trim(customer_id)",
    ("products", "invalid_columns: price"): "price like '-%'",
    ("products", "spaces around product_id"): "product_id <> trim(product_id)",
    ("orders", "invalid_columns: tax_amount"): "try_cast(tax_amount as double) is null",
    ("orders", "spelling of status"): "status <> lower(trim(status)) or status = 'canceled'",
    ("orders", "spelling of shipping_country"): f"shipping_country not in {COUNTRIES}",
    ("orders", "spaces around order_id"): "order_id <> trim(order_id)",
    ("orders", "unknown customer_id"): "trim(customer_id) not in "
    "(select trim(customer_id) from customers where customer_id is not null)",
    ("order_items", "unknown product_id"): "trim(product_id) not in "
    "(select trim(product_id) from products where product_id is not null)",
    ("order_items", "spaces around order_item_id"): "order_item_id <> trim(order_item_id)",
    ("payments", "spelling of payment_method"): "not regexp_full_match(payment_method, '[a-z_]+')",
    ("payments", "spelling of status"): "status <> lower(trim(status))",
    ("reviews", "invalid_columns: rating"): "try_cast(rating as integer) not between 1 and 5",
    ("support_tickets", "invalid_columns: satisfaction"): "satisfaction = 'good'",
    ("support_tickets", "spelling of status"): "status <> lower(trim(status))",
}  # fmt: skip


def run(folder: Path, *arguments: str) -> Path:
    assert generate_data.main([*arguments, "--out", str(folder)]) == 0
    return folder


def facts_of(folder: Path) -> dict:
    return json.loads((folder / "planted_facts.json").read_text(encoding="utf-8"))


def fingerprints(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def connect(folder: Path, kind: str = "csv") -> duckdb.DuckDBPyConnection:
    """Views of the eleven tables; CSV columns are all text."""
    connection = duckdb.connect()
    options = ", header = true, all_varchar = true, strict_mode = true" if kind == "csv" else ""
    for entity in CONTRACT:
        connection.execute(
            f"create view {entity} as "
            f"select * from read_{kind}('{folder}/raw_{entity}.{kind}'{options})"
        )
    return connection


def rejected(connection: duckdb.DuckDBPyConnection, entity: str) -> Counter:
    """Recount the rejected rows of one table by reason."""
    key, rules = REJECTIONS[entity]
    cases = " ".join("when {1} then '{0}'".format(*rule.split(": ", maxsplit=1)) for rule in rules)
    connection.execute(
        f"create or replace temp table judged as "
        f"select {key} as key, case {cases} end as reason from {entity}"
    )
    counts = Counter(
        dict(
            connection.execute(
                "select reason, count(*) from judged where reason is not null group by reason"
            ).fetchall()
        )
    )
    copies = connection.execute(
        "select count(*) - count(distinct key) from judged where reason is null"
    ).fetchone()[0]
    if copies:
        counts[f"duplicate {DUPLICATE[entity]}"] = copies
    if entity == "orders":
        connection.execute(
            "create or replace temp table good_orders as "
            "select distinct key from judged where reason is null"
        )
    return counts


@pytest.fixture(scope="session")
def sample(tmp_path_factory) -> Path:
    return run(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="session")
def clean(tmp_path_factory) -> Path:
    return run(tmp_path_factory.mktemp("clean"), "--no-dirt", "--seed", "7")


@pytest.fixture(scope="session")
def large(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    return run(folder, "--customers", "20500", "--format", "parquet", "--jobs", "2")


def test_same_arguments_give_the_same_bytes(sample, tmp_path):
    assert fingerprints(run(tmp_path)) == fingerprints(sample)


def test_another_seed_gives_another_shop(sample, clean):
    assert fingerprints(sample)["raw_customers.csv"] != fingerprints(clean)["raw_customers.csv"]


def test_number_of_processes_does_not_change_the_result(large, tmp_path):
    arguments = ("--customers", "20500", "--format", "parquet", "--jobs", "1")
    assert fingerprints(run(tmp_path, *arguments)) == fingerprints(large)


@pytest.mark.parametrize("entity", CONTRACT)
def test_columns_are_the_contract(sample, large, entity):
    raw = (sample / f"raw_{entity}.csv").read_bytes()
    assert b"\r" not in raw
    assert raw.decode("utf-8").split("\n", 1)[0] == ",".join(CONTRACT[entity].split())
    columns = connect(large, "parquet").execute(f"select * from {entity} limit 0").description
    assert [column[0] for column in columns] == CONTRACT[entity].split()


def test_sample_is_small(sample):
    assert sum(path.stat().st_size for path in sample.glob("*.csv")) < 4_500_000
    assert sum(row["raw"] for row in facts_of(sample)["clean"]["rows"].values()) <= 60_000
    assert (sample / "planted_facts.json").stat().st_size < 60_000


@pytest.mark.parametrize("seed", ["sample", "committed", "other"])
def test_facts_count_the_dirt_exactly(sample, tmp_path, seed):
    folder = {
        "sample": lambda: sample,
        "committed": lambda: ROOT / "seeds" / "raw",
        "other": lambda: run(tmp_path, "--customers", "2500", "--seed", "99"),
    }[seed]()
    facts, connection = facts_of(folder), connect(folder)
    planted = {(d["entity"], d["kind"]): d["rows"] for d in facts["dirt"]}
    for entity in REJECTIONS:
        recounted = rejected(connection, entity)
        expected = {
            d["kind"]: d["rows"]
            for d in facts["dirt"]
            if d["entity"] == entity and d["outcome"] == "rejected"
        }
        assert recounted == expected, entity
        rows = facts["clean"]["rows"][entity]
        raw = connection.execute(f"select count(*) from {entity}").fetchone()[0]
        assert rows["raw"] == raw
        assert rows["clean"] == raw - recounted.total()
    for (entity, kind), condition in SOFT_COUNTS.items():
        count = connection.execute(f"select count(*) from {entity} where {condition}").fetchone()[0]
        assert count == planted[(entity, kind)], (entity, kind)
    soft = {(d["entity"], d["kind"]) for d in facts["dirt"] if d["outcome"] != "rejected"}
    assert soft - SOFT_COUNTS.keys() == {("customers", "inferred from orders")}


def test_no_dirt_means_nothing_to_reject(clean):
    connection = connect(clean)
    assert facts_of(clean)["dirt"] == []
    for entity in REJECTIONS:
        assert not rejected(connection, entity), entity
    for (entity, kind), condition in SOFT_COUNTS.items():
        count = connection.execute(f"select count(*) from {entity} where {condition}").fetchone()[0]
        assert count == 0, kind


MONEY_CHECKS = {
    "order totals are the sum of their parts": """
        select count(*) from orders left join (
            select order_id, sum(quantity::int * unit_price::decimal(16,2)
                - discount_amount::decimal(16,2)) as goods
            from order_items group by order_id
        ) as lines using (order_id)
        where coalesce(goods + shipping_amount::decimal(16,2) + tax_amount::decimal(16,2), -1)
            <> total_amount::decimal(16,2)""",
    "payments sum to the total": f"""
        select count(*) from orders left join (
            select order_id, sum(amount::decimal(16,2)) as paid from payments
            where status in ('paid', 'refunded') group by order_id
        ) as sums using (order_id)
        where status in {SALE_STATUSES} and coalesce(paid, -1) <> total_amount::decimal(16,2)""",
    "only returned and cancelled orders have refunded payments": """
        select count(*) from orders inner join payments using (order_id)
        where payments.status = 'refunded' and orders.status not in ('returned', 'cancelled')""",
    "discounts stay within the line": """
        select count(*) from order_items where discount_amount::decimal(16,2)
            not between 0 and quantity::int * unit_price::decimal(16,2)""",
    "refunds stay within what they refund": """
        select count(*) from (
            select sum(refunds.amount::decimal(16,2)) as refunded, any_value(goods) as goods
            from refunds inner join (
                select order_id, sum(quantity::int * unit_price::decimal(16,2)
                    - discount_amount::decimal(16,2)) as goods
                from order_items group by order_id
            ) as lines using (order_id) group by order_id
        ) where refunded > goods or refunded <= 0""",
    "returned orders are refunded in full": """
        select count(*) from orders left join (
            select order_id, sum(amount::decimal(16,2)) as refunded from refunds group by order_id
        ) as sums using (order_id)
        where status = 'returned' and coalesce(refunded, -1) <> total_amount::decimal(16,2)
            - shipping_amount::decimal(16,2) - tax_amount::decimal(16,2)""",
    "refunds belong to sale orders": f"""
        select count(*) from refunds inner join orders using (order_id)
        where orders.status not in {SALE_STATUSES} or refunded_at < ordered_at""",
    "customers register on or before their first order": """
        select count(*) from orders inner join customers using (customer_id)
        where registered_at > ordered_at""",
    "tracked orders end their session with a purchase": """
        select count(*) from orders left join (
            select session_id, max(occurred_at) as bought_at from events
            where event_type = 'purchase' group by session_id
        ) as purchases using (session_id)
        where session_id is not null and coalesce(bought_at, '') <> ordered_at""",
    "nothing happens after the end": """
        select count(*) from (
            select ordered_at as moment from orders union all select updated_at from orders
            union all select paid_at from payments union all select refunded_at from refunds
            union all select occurred_at from events union all select reviewed_at from reviews
            union all select resolved_at from support_tickets
            union all select first_replied_at from support_tickets
            union all select updated_at from customers
        ) where moment > '2026-01-18 23:59:59'""",
    "the first session has the acquisition channel": """
        select count(*) from (
            select visitor_id, arg_min(channel, occurred_at) as channel from events
            group by visitor_id
        ) as visitors inner join (
            select distinct visitor_id, customer_id from events where customer_id is not null
        ) as known using (visitor_id) inner join customers using (customer_id)
        where visitors.channel <> acquisition_channel""",
}


@pytest.mark.parametrize("claim", MONEY_CHECKS)
def test_the_books_balance(clean, claim):
    assert connect(clean).execute(MONEY_CHECKS[claim]).fetchone()[0] == 0


def test_clean_orders_of_the_dirty_sample_balance(sample):
    """Orders whose rows are all unspoilt still add up among the dirt."""
    connection = connect(sample)
    wrong, checked = connection.execute("""
        with lines as (
            select distinct order_item_id, order_id, quantity, unit_price, discount_amount
            from order_items
        ), goods as (
            select order_id, sum(try_cast(quantity as int) * try_cast(unit_price as decimal(16,2))
                - discount_amount::decimal(16,2)) as goods,
                bool_and(coalesce(try_cast(quantity as int) > 0
                    and try_cast(unit_price as double) > 0, false)) as is_clean
            from lines group by order_id
        )
        select count(*) filter (goods + shipping_amount::decimal(16,2)
            + try_cast(tax_amount as decimal(16,2)) <> total_amount::decimal(16,2)), count(*)
        from orders inner join goods using (order_id) where is_clean""").fetchone()
    assert wrong == 0
    assert checked > 4_000


def test_clean_totals_are_what_remains(sample):
    """Money of surviving rows, recomputed from the raw text, equals the facts to the cent."""
    connection = connect(sample)
    rejected(connection, "orders")
    rejected(connection, "order_items")
    gross = connection.execute("""
        select sum(gross) from (
            select trim(order_item_id) as item,
                any_value(quantity::int * unit_price::decimal(16,2)) as gross
            from order_items where trim(order_item_id) in (
                select key from judged where reason is null
            ) and try_cast(quantity as int) > 0 and try_cast(unit_price as double) > 0
                and trim(order_id) in (select key from good_orders) and product_id is not null
            group by item
        )""").fetchone()[0]
    by_status = facts_of(sample)["clean"]["by_order_status"].values()
    assert float(gross) == pytest.approx(sum(s["gross_sales"] for s in by_status), abs=0.005)


def test_large_parquet_run_reconciles(large):
    facts, connection = facts_of(large), connect(large, "parquet")
    text_only = {d["kind"] for d in facts["dirt"] if "unreadable" in d["kind"]}
    assert not text_only, "typed columns cannot hold unreadable text"
    views = {}
    for entity, names in CONTRACT.items():
        columns = ", ".join(f"{name}::varchar as {name}" for name in names.split())
        views[entity] = connection.execute(f"select {columns} from {entity}").to_arrow_table()
    text = duckdb.connect()
    for entity, rows in views.items():
        text.register(entity, rows)
    for entity in REJECTIONS:
        expected = {
            d["kind"]: d["rows"]
            for d in facts["dirt"]
            if d["entity"] == entity and d["outcome"] == "rejected"
        }
        assert rejected(text, entity) == expected, entity
    types = dict(connection.execute("select column_name, data_type from information_schema.columns "
                                    "where table_name = 'orders'").fetchall())  # fmt: skip
    assert types["ordered_at"] == "TIMESTAMP"
    assert types["total_amount"] == "DECIMAL(16,2)"


def test_planted_patterns_are_there(large):
    """Affinities, stock-outs, lifetimes, flash sale and outage show in the data."""
    facts, connection = facts_of(large), connect(large, "parquet")
    planted = facts["catalogue"]
    connection.execute("""
        create temp table basket as
        select distinct order_items.order_id, product_id, ordered_at::date as day, channel
        from order_items inner join orders using (order_id)
        left join (select session_id, any_value(channel) as channel from events group by 1)
            using (session_id)
        where ordered_at between '2024-01-01' and '2026-01-19'""")
    for affinity in planted["affinities"]:
        for partner in affinity["then"]:
            rate = connection.execute(
                """select avg((
                    order_id in (select order_id from basket where product_id = $2)
                )::int) from basket where product_id = $1""", [affinity["when"], partner],
            ).fetchone()[0]  # fmt: skip
            assert affinity["probability"] - 0.05 < rate < affinity["probability"] + 0.08
    sold = "select count(*) from basket where product_id = $1 and day between $2 and $3"
    for out in planted["stock_outs"]:
        dates = [out["product_id"], out["from"], out["to"]]
        assert connection.execute(sold, dates).fetchone()[0] == 0
        on_hand = connection.execute(
            """select max(units_on_hand) from inventory
            where product_id = $1 and snapshot_date between $2 and $3""", dates
        ).fetchone()[0]  # fmt: skip
        assert on_hand == 0
    for product, day in planted["discontinued"].items():
        assert connection.execute(f"""select count(*) from basket
            where product_id = '{product}' and day > '{day}'""").fetchone()[0] == 0  # fmt: skip
    for product, day in planted["launched_later"].items():
        assert connection.execute(f"""select count(*) from basket
            where product_id = '{product}' and day < '{day}'""").fetchone()[0] == 0  # fmt: skip
    incidents = {incident["name"]: incident for incident in facts["incidents"]}
    busiest = connection.execute(
        "select day from basket group by day order by count(*) desc limit 1"
    ).fetchone()[0]
    assert [str(busiest)] == incidents["flash_sale"]["dates"]
    days = ", ".join(f"'{day}'" for day in incidents["checkout_outage"]["dates"])
    bought = connection.execute(f"""select count(*) from events where device = 'mobile'
        and event_type = 'purchase' and occurred_at::date in ({days})""").fetchone()[0]
    assert bought == 0
    counts = facts["counts"]
    assert counts["one_time_buyers"] / counts["buyers"] > 0.25
    assert 0.2 < counts["converting_sessions"] / counts["sessions"] < 0.31


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--start", "2025-01-01", "--end", "2024-01-01"], "is before"),
        (["--customers", "0"], "outside"),
        (["--customers", "many"], "not a whole number"),
        (["--end", "2025-02-30"], "not a date"),
        (["--start", "2026-01-01"], "it must be"),
        (["--out", "/dev/null/shop"], "cannot be created"),
    ],
)
def test_wrong_arguments_are_explained(capsys, arguments, message):
    with pytest.raises(SystemExit):
        generate_data.read_settings(arguments)
    assert message in capsys.readouterr().err


def test_review_texts_are_quoted_as_csv(sample):
    with (sample / "raw_reviews.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert {len(row) for row in rows} == {7}
    assert any("," in row[5] for row in rows[1:])
