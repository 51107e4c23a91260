"""The dashboard in a browser: its numbers are those of the marts, anyone can use it, offline."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import Visit, opened
from warehouse import MART_SCHEMAS, Warehouse

Compiled = Callable[[str], str]
LARGEST = 3_000_000
# Filters to try: from, to, category, country; the empty string is all of them.
CHOICES = [
    ("2024-01-01", "2026-01-01", "", ""),
    ("2025-01-01", "2025-12-01", "", ""),
    ("2025-03-01", "2025-05-01", "Electronics", ""),
    ("2025-11-01", "2026-01-01", "", "Germany"),
    ("2024-10-01", "2025-09-01", "Clothing", "France"),
]


@dataclass(frozen=True)
class Made:
    """A dashboard and the marts it was made from."""

    html: Path
    marts: Path

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.marts), read_only=True) as connection:
            return connection.execute(sql).fetchall()


def copy_marts(source: Path, target: Path, rows: str, statement: str = "") -> Path:
    """The marts of a file in a new one: the rows that a clause leaves, then changed."""
    with duckdb.connect(str(target)) as connection:
        connection.execute(f"attach '{source}' as source (read_only)")
        for schema in MART_SCHEMAS:
            connection.execute(f"create schema {schema}")
        for name in mart_names(connection, "source"):
            connection.execute(f"create table {name} as from source.{name} {rows}")
        connection.execute(statement or "select 1")
    return target


def mart_names(connection: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    rows = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() "
        "where database_name = ? and list_contains(?, schema_name)",
        [database, list(MART_SCHEMAS)],
    ).fetchall()
    return [name for (name,) in rows]


def publish(marts: Path, folder: Path) -> Path:
    """A publication of the marts in a file."""
    folder.mkdir()
    (folder / "marts.duckdb").symlink_to(marts)
    with duckdb.connect(str(marts), read_only=True) as connection:
        rows = {
            name: connection.execute(f"select count(*) from {name}").fetchone()[0]
            for name in mart_names(connection, marts.stem)
        }
        as_of = connection.execute("select max(sale_date) from analytics.daily_sales").fetchone()[0]
    manifest = {
        "project": "ecommerce_analytics",
        "published_at": "2026-02-01T06:00:00+00:00",
        "as_of_date": as_of and as_of.isoformat(),
        "source_system": "seeds",
        "target": "duckdb",
        "schema_prefix": "",
        "tests": {"passed": 700, "warned": 0, "failed": 0},
        "marts": {name: {"rows": count} for name, count in rows.items()},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def make(published: Path, html: Path) -> int:
    """Run the command in this process, which has its libraries loaded from the second time on."""
    from dashboard.__main__ import main

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PUBLISHED", str(published))
        return main(["--out", str(html)])


def made(marts: Path, folder: Path) -> Made:
    html = folder / "dashboard.html"
    assert make(publish(marts, folder / "published"), html) == 0
    return Made(html, marts)


@pytest.fixture(scope="module")
def compiled(sample_shop: Callable[[str], Warehouse]) -> Compiled:
    """The SQL of a model of the dashboard as the sample shop's build ran it."""
    target = sample_shop("duckdb").folder / "target"
    folder = target / "compiled" / "ecommerce_analytics" / "models" / "dashboard"
    return lambda model: (folder / f"{model}.sql").read_text()


@pytest.fixture(scope="module")
def sample(
    sample_shop: Callable[[str], Warehouse], tmp_path_factory: pytest.TempPathFactory
) -> Made:
    """The dashboard of the sample shop as it was published."""
    html = tmp_path_factory.mktemp("dashboard") / "dashboard.html"
    published = sample_shop("duckdb").folder / "published"
    assert make(published, html) == 0
    return Made(html, published / "marts.duckdb")


def pages(visit: Visit) -> list[str]:
    links = "links => links.map((link) => link.hash.slice(1))"
    return visit.page.eval_on_selector_all("nav a", links)


def open_page(visit: Visit, page: str) -> None:
    """Go to a page by its link and wait until its charts are drawn."""
    visit.page.click(f"nav a[href='#{page}']")
    visit.page.wait_for_function(
        """page => {
            const section = document.getElementById(page);
            const charts = [...section.querySelectorAll('.chart')];
            return !section.hidden && charts.every((chart) => chart.querySelector('svg'));
        }""",
        arg=page,
    )


def inaccessible(visit: Visit) -> list[tuple[str, str]]:
    """What axe-core finds on all pages, shown at once.

    Drawings are left out: they are hidden from screen readers, which get the label and the table.
    """
    visit.page.evaluate("document.querySelectorAll('section').forEach((one) => one.hidden = false)")
    found = Axe().run(
        visit.page, context={"exclude": [[".drawing"]]}, options={"resultTypes": ["violations"]}
    )
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in found.response["violations"]]


def choose(visit: Visit, start: str, end: str, category: str, country: str) -> None:
    visit.page.click("#reset")
    visit.page.select_option("#period", "all")
    visit.page.select_option("#from", start)
    visit.page.select_option("#to", end)
    visit.page.select_option("#category", category)
    visit.page.select_option("#country", country)


def cards(visit: Visit) -> dict[str, float | None]:
    values = visit.page.eval_on_selector_all(
        "[data-card]", "cards => cards.map((card) => [card.dataset.card, card.dataset.value])"
    )
    return {name: float(value) if value else None for name, value in values}


def table(visit: Visit, item: str) -> list[list[str]]:
    """The rows of an item's table as they are shown."""
    return visit.page.eval_on_selector_all(
        f"#item-{item} tbody tr",
        "rows => rows.map((row) => [...row.cells].map((cell) => cell.textContent))",
    )


def show_numbers(visit: Visit, item: str) -> None:
    """Open the table below a chart."""
    visit.page.click(f"#item-{item} summary")
    visit.page.wait_for_selector(f"#item-{item} tbody")


def downloaded(visit: Visit, item: str) -> list[dict[str, str]]:
    with visit.page.expect_download() as waiting:
        visit.page.click(f"#item-{item} button:text-is('CSV')")
    with Path(waiting.value.path()).open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def key_figures(made: Made, start: str, end: str, category: str, country: str) -> dict[str, Any]:
    """The key figures as SQL on the facts gives them."""
    in_category = f"products.category = '{category}'" if category else "true"
    in_country = f"orders.country = '{country}'" if country else "true"
    last_day = f"last_day(date '{end}')"
    [[net_sales, costs, refunds, orders, active, first, repeating]] = made.query(
        f"""
        with

        lines as (

            select items.order_id, items.net_sales, items.cost_of_goods_sold
            from analytics.fct_order_items as items
            inner join analytics.dim_products as products using (product_id)
            where {in_category}
            {
            ""
            if category
            else '''
            union all
            select order_id, net_sales, cost_of_goods_sold
            from analytics.fct_orders
            where order_lines = 0
            '''
        }

        ),

        chosen as (

            select orders.*
            from analytics.fct_orders as orders
            where
                orders.is_sale and orders.order_date between date '{start}' and {last_day}
                and {in_country} and orders.order_id in (select order_id from lines)

        ),

        ever as (

            select customer_id, count(*) as orders
            from analytics.fct_orders
            where is_sale and order_date <= {last_day}
            group by customer_id

        )

        select
            (select sum(net_sales) from lines where order_id in (select order_id from chosen)),
            (select sum(cost_of_goods_sold) from lines
             where order_id in (select order_id from chosen)),
            (select coalesce(sum(refunds.amount), 0)
             from analytics.fct_refunds as refunds
             inner join analytics.fct_orders as orders using (order_id)
             left join analytics.fct_order_items as items
                on refunds.order_item_id = items.order_item_id
             left join analytics.dim_products as products
                on items.product_id = products.product_id
             where refunds.is_sale and {in_country} and {in_category}
                and refunds.refund_date between date '{start}' and {last_day}),
            count(*),
            count(distinct customer_id),
            count(*) filter (where customer_order_number = 1),
            (select count(*) from ever
             where orders > 1 and customer_id in (select customer_id from chosen))
        from chosen
        """
    )
    return {
        "net_revenue": float(net_sales - refunds),
        "orders": orders,
        "avg_order_value": float(net_sales) / orders,
        "gross_margin_rate": float((net_sales - refunds - costs) / (net_sales - refunds)),
        "refund_rate": float(refunds / net_sales),
        "active_customers": active,
        "new_customers": first,
        "repeat_rate": repeating / active,
    }


@pytest.mark.parametrize(("theme", "width"), [("light", 390), ("dark", 1920)])
def test_every_page(sample: Made, theme: str, width: int) -> None:
    """One small file; every chart is drawn and every screen fits, for everyone and offline."""
    assert sample.html.stat().st_size < LARGEST
    with opened(sample.html, width, color_scheme=theme) as visit:
        assert visit.page.evaluate("document.documentElement.dataset.theme") == theme
        for page in pages(visit):
            open_page(visit, page)
            section = visit.page.locator(f"#{page}")
            empty = section.locator(".empty").all_inner_texts()
            known = ["Every value is known. (unmapped_values has no rows.)"]
            assert empty == (known if page == "quality" else [])
            assert not re.search("undefined|NaN|null", section.inner_text())
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        assert not inaccessible(visit)
        assert not visit.errors
        assert not visit.requests


def test_cards_follow_the_filters(sample: Made) -> None:
    """Key figures are those of SQL under every filter, revenue to the cent, and so the change."""
    with opened(sample.html) as visit:
        for choice in CHOICES:
            choose(visit, *choice)
            assert cards(visit) == pytest.approx(key_figures(sample, *choice), rel=1e-12), choice
        choose(visit, "2025-01-01", "2025-12-01", "", "")
        before = key_figures(sample, "2024-01-01", "2024-12-01", "", "")
        change = visit.page.inner_text("[data-card=net_revenue] .change")
        assert change.endswith(f"against {before['net_revenue']:,.2f}")
        choose(visit, "2025-02-01", "2026-01-01", "", "")
        change = visit.page.inner_text("[data-card=net_revenue] .change")
        assert change == "Jan 2026 is not over"


def test_tables_follow_the_filters(sample: Made) -> None:
    """Sums over the months of a choice are those of the marts that have them."""
    months = "between date '2025-03-01' and date '2025-08-01'"
    with opened(sample.html) as visit:
        choose(visit, "2025-03-01", "2025-08-01", "", "")
        open_page(visit, "products")
        show_numbers(visit, "categories")
        assert [row[:2] for row in table(visit, "categories")] == [
            [category, f"{revenue:,.2f}"]
            for category, revenue in sample.query(
                "select category, sum(net_revenue) from analytics.category_performance "
                f"where sale_month {months} group by 1 order by 2 desc"
            )
        ]
        open_page(visit, "places")
        [total] = sample.query(
            "select sum(net_revenue), sum(orders) from analytics.regional_sales "
            f"where sale_month {months} and country = 'Germany'"
        )
        visit.page.select_option("#country", "Germany")
        regions = downloaded(visit, "regions")
        assert round(sum(float(row["net_revenue"]) for row in regions), 2) == float(total[0])
        assert sum(int(row["orders"]) for row in regions) == total[1]
        [[paid]] = sample.query(
            f"select sum(amount_paid) from analytics.payment_methods where payment_month {months}"
        )
        payments = downloaded(visit, "payments")
        assert round(sum(float(row["amount_paid"]) for row in payments), 2) == float(paid)
        hint = visit.page.inner_text("#item-payments [data-hint]")
        assert hint == "Shows all countries (not Germany alone)."
        open_page(visit, "web")
        [channels] = sample.query(
            "select sum(linear_revenue), sum(spend), sum(sessions), sum(new_customers) "
            f"from analytics.channel_performance where activity_month {months}"
        )
        rows = downloaded(visit, "channels")
        for name, value in zip(
            ("linear_revenue", "marketing_spend", "sessions", "acquired_customers"),
            channels,
            strict=True,
        ):
            assert round(sum(float(row[name]) for row in rows), 2) == float(value), name
        open_page(visit, "stock")
        visit.page.select_option("#category", "Beauty")
        due = sample.query(
            "select product_name, reorder_quantity from analytics.inventory_health "
            "where is_reorder_due and category = 'Beauty'"
        )
        assert sorted((row[0], int(row[2])) for row in table(visit, "reorder")) == sorted(due)


def test_months_of_the_chart(sample: Made) -> None:
    """The revenue chart has the months of monthly_sales, marked, and those of the forecast."""
    with opened(sample.html) as visit:
        visit.page.select_option("#period", "all")
        show_numbers(visit, "revenue")
        visit.page.click("#item-revenue button:text-is('Show all')")
        rows = downloaded(visit, "revenue")
        months = sample.query(
            "select strftime(sale_month, '%b %Y'), net_revenue, orders, is_complete "
            "from analytics.monthly_sales order by sale_month"
        )
        assert [
            (row["label"], float(row["net_revenue"]), int(row["orders"]), row["state"])
            for row in rows[: len(months)]
        ] == [
            (month, float(revenue), orders, "month over" if is_complete else "month still running")
            for month, revenue, orders, is_complete in months
        ]
        forecast = sample.query(
            "select forecast_revenue from analytics.sales_forecast order by forecast_month"
        )
        assert [float(row["forecast_revenue"]) for row in rows[len(months) :]] == [
            float(revenue) for (revenue,) in forecast
        ]


def test_rules_can_be_sorted_filtered_and_taken_away(sample: Made) -> None:
    """Headings sort both ways, thresholds and search choose, the CSV holds what is chosen."""
    with opened(sample.html) as visit:
        open_page(visit, "baskets")
        visit.page.fill("#rules-lift", "999")
        empty = visit.page.inner_text("#item-rules .empty")
        assert empty == "Nothing under these filters."
        visit.page.fill("#rules-lift", "1")
        visit.page.uncheck("#rules-simple")
        visit.page.click("#item-rules button:text-is('Show all')")
        found = sample.query("select confidence, antecedents from analytics.market_basket_rules")
        assert len(table(visit, "rules")) == len(found)
        heading = visit.page.locator("#item-rules [data-sort=confidence]")
        for order, descending in (("descending", True), ("ascending", False)):
            heading.click()
            assert heading.locator("..").get_attribute("aria-sort") == order
            expected = [f"{value:.1%}" for value, _ in sorted(found, reverse=descending)]
            assert [row[4] for row in table(visit, "rules")] == expected
        visit.page.fill("#rules-lift", "15")
        visit.page.fill("#rules-confidence", "40")
        visit.page.fill("#item-rules input[type=search]", "NOTEBOOK")
        chosen = sample.query(
            "select antecedents, consequent, rule_count from analytics.market_basket_rules "
            "where lift >= 15 and confidence >= 0.4 "
            "and lower(antecedents || ' ' || consequent) like '%notebook%'"
        )
        rows = downloaded(visit, "rules")
        assert chosen and sorted(
            (row["antecedents"], row["consequent"], int(row["rule_count"])) for row in rows
        ) == sorted(chosen)


def test_keyboard_alone(sample: Made) -> None:
    """Pages, filters, sorting, numbers of a chart and the theme can be reached without a mouse."""
    with opened(sample.html, color_scheme="light") as visit:
        page = visit.page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the figures"
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_function("document.activeElement.id === 'heading-customers'")
        assert page.title() == "Customers – Shop dashboard"
        page.focus("#category")
        page.keyboard.press("E")
        assert page.input_value("#category") == "Electronics"
        assert "Electronics" in page.inner_text("#status")
        page.focus("#item-at_risk [data-sort=silence_days]")
        page.keyboard.press("Enter")
        silence = [int(row[7]) for row in table(visit, "at_risk")]
        assert silence == sorted(silence, reverse=True)
        assert page.evaluate("document.activeElement.dataset.sort") == "silence_days"
        page.focus("#item-rfm summary")
        page.keyboard.press("Enter")
        page.wait_for_selector("#item-rfm tbody")
        assert len(table(visit, "rfm")) == 25
        assert not visit.errors


def test_online_retail(online_retail: Callable[[str], Warehouse], tmp_path: Path) -> None:
    """Where half of the sources are absent, the page shows the rest and says what is missing."""
    made_page = made(online_retail("duckdb").file, tmp_path)
    with opened(made_page.html) as visit:
        visit.page.select_option("#period", "all")
        [[revenue, orders]] = made_page.query(
            "select sum(net_revenue), sum(orders) from analytics.monthly_sales"
        )
        shown = cards(visit)
        assert (shown["net_revenue"], shown["orders"]) == (float(revenue), orders)
        assert shown["gross_margin_rate"] is None
        why = visit.page.inner_text("[data-card=gross_margin_rate] .change")
        assert why == "no costs delivered"
        for page in pages(visit):
            open_page(visit, page)
        open_page(visit, "web")
        assert visit.page.inner_text("#item-funnel .empty") == (
            "This shop has delivered no web events (raw_events). (conversion_funnel has no rows.)"
        )
        assert not visit.errors


def test_empty_shop(sample: Made, tmp_path: Path) -> None:
    """Where every mart is empty, every item says so and nothing breaks."""
    empty = made(copy_marts(sample.marts, tmp_path / "empty.duckdb", "limit 0"), tmp_path)
    with opened(empty.html) as visit:
        for page in pages(visit):
            open_page(visit, page)
            section = visit.page.locator(f"#{page}")
            texts = section.locator(".empty").all_inner_texts()
            assert len(texts) == section.locator(".item:not(#item-checks)").count()
            assert all("has no rows." in text for text in texts)
        visit.page.select_option("#period", "all")
        visit.page.click("#reset")
        assert not inaccessible(visit)
        assert not visit.errors


def test_texts_are_only_texts(sample: Made, tmp_path: Path) -> None:
    """A name that is HTML, a script or a formula stays a name."""
    name = '=1</script><script>window.broken=1</script><img src=x onerror="window.broken=1">'
    statement = (
        f"update analytics.product_performance set product_name = '{name}', subcategory = '{name}' "
        "where revenue_rank = 1"
    )
    odd = made(copy_marts(sample.marts, tmp_path / "odd.duckdb", "", statement), tmp_path)
    with opened(odd.html) as visit:
        open_page(visit, "products")
        assert table(visit, "products")[0][0] == name
        assert downloaded(visit, "products")[0]["product_name"] == f"'{name}"
        visit.page.hover("#item-treemap svg .mark-rect path >> nth=0")
        assert visit.page.evaluate("window.broken") is None
        assert not visit.requests


def test_large_shop(sample: Made, compiled: Compiled, tmp_path: Path) -> None:
    """A shop too large for the page loses customers and countries of products, and no revenue."""
    marts = copy_marts(sample.marts, tmp_path / "large.duckdb", "")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{marts}' as warehouse")
        for model in ("dashboard_orders", "dashboard_product_sales"):
            assert "80000" in compiled(model)
            sql = compiled(model).replace("80000", "2000")
            connection.execute(f"create or replace table warehouse.dashboard.{model} as {sql}")
    large = made(marts, tmp_path)
    choice = CHOICES[-1]
    with opened(large.html) as visit:
        choose(visit, *choice)
        expected = key_figures(sample, *choice)
        shown = cards(visit)
        for name in ("active_customers", "repeat_rate"):
            assert shown.pop(name) is None
            del expected[name]
        assert shown == pytest.approx(expected, rel=1e-12)
        why = visit.page.inner_text("[data-card=active_customers] .change")
        assert why == "too many customers to count here"
        open_page(visit, "products")
        hint = visit.page.inner_text("#item-products [data-hint]")
        assert hint.startswith("Shows the 1,000 best products and all countries")
        assert not visit.errors


def test_dashboard_of_a_server(
    cdnow: Callable[[str], Warehouse], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL it shows the published schemas, whatever the folder of DuckDB holds."""
    from dashboard.__main__ import main

    warehouse = cdnow("postgres")
    for name, value in warehouse.environment.items():
        monkeypatch.setenv(name, value)
    html = tmp_path / "dashboard.html"
    assert main(["--target", "postgres", "--out", str(html)]) == 0
    assert '"target":"postgres"' in html.read_text()
    monkeypatch.setenv("SCHEMA_PREFIX", "nobodys_")
    assert main(["--target", "postgres", "--out", str(html)]) == 2


def test_nothing_published(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a publication the command says what to do."""
    assert make(tmp_path / "none", tmp_path / "dashboard.html") == 2
    message = capsys.readouterr().err
    assert "nothing is published in" in message and "make build" in message


def test_exposure_names_what_is_read(sample_shop: Callable[[str], Warehouse]) -> None:
    """The exposure depends on exactly the tables of the page, and items name marts behind them."""
    from dashboard.pages import marts_named
    from dashboard.tables import tables

    manifest = json.loads((sample_shop("duckdb").folder / "target/manifest.json").read_text())
    [exposure] = manifest["exposures"].values()
    read = set(exposure["depends_on"]["nodes"])
    relations = {manifest["nodes"][node]["relation_name"].split(".", 1)[1] for node in read}
    assert {name.replace('"', "") for name in relations} == {
        table.mart for table in tables().values()
    }
    parents = {parent for node in read for parent in manifest["parent_map"][node]}
    assert marts_named() <= {node.split(".")[2] for node in read | parents}


def test_ratios_are_those_of_the_metrics(
    sample: Made, sample_shop: Callable[[str], Warehouse]
) -> None:
    """What the page divides is what MetricFlow divides, part by part."""
    manifest = (sample_shop("duckdb").folder / "target/semantic_manifest.json").read_text()
    metrics = {metric["name"]: metric["type_params"] for metric in json.loads(manifest)["metrics"]}
    html = sample.html.read_text(encoding="utf-8")
    shown = json.loads(html.split('id="data">')[1].split("</script>")[0])["ratios"]
    assert shown == {
        name: {part: metrics[name][part]["name"] for part in ("numerator", "denominator")}
        for name in shown
    }
    assert {"avg_order_value", "gross_margin_rate", "refund_rate", "repeat_rate"} < set(shown)
