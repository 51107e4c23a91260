"""What stands on each page of the dashboard: charts (Vega-Lite, written with Altair), tables, cards.

An item names the marts its numbers come from, says how they are defined and which filters it
follows. Its rows are made in app.js from the table `data`: filtered, grouped by `group`, `sums`
added up; items listed in app.js under `views` do more.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import altair as alt

ALL_FILTERS = ("period", "category", "country")
MONEY, SHARE, COUNT = ",.2f", ".1%", ","
MONTH_LABEL = "utcFormat(toDate(datum.value), '%b %y')"
RISKS = ["Low", "Medium", "High", "Unknown"]
SEGMENTS = [
    "Champions",
    "Loyal",
    "Potential Loyalist",
    "New Customers",
    "Promising",
    "Need Attention",
    "About To Sleep",
    "At Risk",
    "Can't Lose Them",
    "Hibernating",
    "Lost",
]


@dataclass(frozen=True)
class Column:
    """A column of a table: key in the rows, heading, format."""

    key: str
    label: str
    format: str = "text"  # text, money, count, share, number, date, month or yesno


@dataclass(frozen=True)
class Item:
    """One box of a page."""

    id: str
    title: str
    marts: tuple[str, ...]
    definition: str
    data: str
    kind: str = "chart"  # chart, table or cards
    follows: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    spec: dict[str, Any] | None = None
    empty: str = "The mart has no rows."
    wide: bool = False
    search: bool = False


@dataclass(frozen=True)
class Page:
    """A page of the dashboard, one link in its navigation."""

    id: str
    title: str
    lead: str
    items: list[Item] = field(default_factory=list)


def rows(name: str = "rows") -> alt.Chart:
    """A chart of rows that app.js delivers."""
    return alt.Chart(alt.NamedData(name))


def spec(chart: Any, height: int | dict[str, int] | None = 280) -> dict[str, Any]:
    """A Vega-Lite specification as wide as its box."""
    sized = chart.properties(width="container")
    if height is not None:
        sized = sized.properties(height=height)
    specification = sized.to_dict(validate=True)
    specification.pop("config", None)
    return specification


def month_axis(field_name: str = "month") -> alt.X:
    """Months from left to right."""
    return alt.X(
        f"{field_name}:O",
        title=None,
        axis=alt.Axis(
            labelExpr=MONTH_LABEL, labelAngle=0, labelOverlap="parity", labelSeparation=8
        ),
    )


def money_axis(field_name: str, title: str | None = None) -> alt.Y:
    """Amounts upwards."""
    return alt.Y(f"{field_name}:Q", title=title, axis=alt.Axis(format="~s"))


def tip(field_name: str, title: str, number_format: str | None = None) -> alt.Tooltip:
    """A line of a tooltip."""
    if number_format is None:
        return alt.Tooltip(f"{field_name}:N", title=title)
    return alt.Tooltip(f"{field_name}:Q", title=title, format=number_format)


def ink(test: str) -> Any:
    """Text that can be read on weak and, where the test holds, on strong fill."""
    return alt.condition(
        test, alt.value(alt.ExprRef("onStrong")), alt.value(alt.ExprRef("onWeak"))
    )


# --- overview ----------------------------------------------------------------------------------


def revenue_and_forecast() -> dict[str, Any]:
    months = rows().encode(x=month_axis())
    bars = months.mark_bar().encode(
        y=money_axis("net_revenue", "net revenue"),
        fill=alt.Fill(
            "state:N",
            title=None,
            scale=alt.Scale(
                domain=["month over", "month still running"],
                range=[{"expr": "bar"}, {"expr": "pale"}],
            ),
            legend=alt.Legend(symbolStrokeWidth=0),
        ),
        tooltip=[
            tip("label", "month"),
            tip("net_revenue", "net revenue", MONEY),
            tip("orders", "orders", COUNT),
            tip("year_before", "a year before", MONEY),
            tip("state", "state"),
        ],
    )
    before = months.mark_tick(thickness=2, opacity=0.9, color=alt.ExprRef("onWeak")).encode(
        y="year_before:Q", tooltip=[tip("label", "month"), tip("year_before", "a year before", MONEY)]
    )
    ahead = rows("forecast").encode(x=month_axis())
    tips = [
        tip("label", "forecast for"),
        tip("forecast_revenue", "forecast", MONEY),
        tip("lower_80", "80 % from", MONEY),
        tip("upper_80", "80 % up to", MONEY),
        tip("lower_95", "95 % from", MONEY),
        tip("upper_95", "95 % up to", MONEY),
    ]
    wide = ahead.mark_bar(opacity=0.18, color=alt.ExprRef("second")).encode(
        y="lower_95:Q", y2="upper_95:Q", tooltip=tips
    )
    narrow = ahead.mark_bar(opacity=0.3, color=alt.ExprRef("second")).encode(
        y="lower_80:Q", y2="upper_80:Q", tooltip=tips
    )
    line = ahead.mark_line(
        point=alt.OverlayMarkDef(color=alt.ExprRef("second"), size=45),
        strokeDash=[5, 3],
        color=alt.ExprRef("second"),
    ).encode(
        y="forecast_revenue:Q", tooltip=tips
    )
    return spec(alt.layer(bars, before, wide, narrow, line), 300)


def bridge() -> dict[str, Any]:
    bars = (
        rows()
        .mark_bar()
        .encode(
            x=month_axis(),
            y=money_axis("amount", "change of net sales"),
            color=alt.Color(
                "effect:N",
                title=None,
                sort=["customers", "orders per customer", "units per order", "price per unit"],
            ),
            tooltip=[tip("label", "month"), tip("effect", "because of"), tip("amount", "amount", MONEY)],
        )
    )
    points = (
        rows("totals")
        .mark_point(filled=True, size=45, color=alt.ExprRef("onWeak"))
        .encode(
            x=month_axis(),
            y="net_sales_change:Q",
            tooltip=[tip("label", "month"), tip("net_sales_change", "change in all", MONEY)],
        )
    )
    return spec(alt.layer(bars, points))


# --- customers ---------------------------------------------------------------------------------


def rfm_map() -> dict[str, Any]:
    base = rows().encode(
        x=alt.X("recency_score:O", title="recency score (5: bought lately)", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("frequency_score:O", title="frequency score (5: buys often)", sort="descending"),
    )
    cells = base.mark_rect().encode(
        color=alt.Color("monetary:Q", title="net revenue", legend=alt.Legend(format="~s")),
        tooltip=[
            tip("recency_score", "recency score", COUNT),
            tip("frequency_score", "frequency score", COUNT),
            tip("customers", "customers", COUNT),
            tip("monetary", "net revenue", MONEY),
            tip("mean", "per customer", MONEY),
            tip("segments", "segments"),
        ],
    )
    counts = base.mark_text().encode(
        text=alt.Text("customers:Q", format=COUNT), color=ink("datum.strength > 0.6")
    )
    return spec(alt.layer(cells, counts))


def segments() -> dict[str, Any]:
    chart = (
        rows()
        .transform_fold(["customers", "net revenue"], as_=["measure", "share"])
        .mark_bar()
        .encode(
            y=alt.Y("segment:N", title=None, sort=SEGMENTS),
            x=alt.X("share:Q", title="share of all", axis=alt.Axis(format=".0%")),
            yOffset="measure:N",
            color=alt.Color("measure:N", title=None),
            tooltip=[
                tip("segment", "segment"),
                tip("count", "customers", COUNT),
                tip("monetary", "net revenue", MONEY),
                tip("customers", "share of customers", SHARE),
                tip("net revenue", "share of net revenue", SHARE),
            ],
        )
    )
    return spec(chart, {"step": 13})


def migration() -> dict[str, Any]:
    order = ["First Purchase", *SEGMENTS]
    base = rows().encode(
        x=alt.X("to_segment:N", title="segment at the month's end", sort=order,
                axis=alt.Axis(labelAngle=-40)),
        y=alt.Y("from_segment:N", title="a month before", sort=order),
    )
    cells = base.mark_rect().encode(
        color=alt.Color("from_share:Q", title="share", legend=alt.Legend(format=".0%")),
        tooltip=[
            tip("label", "month"),
            tip("from_segment", "from"),
            tip("to_segment", "to"),
            tip("customers", "customers", COUNT),
            tip("from_share", "share of from", SHARE),
        ],
    )
    counts = base.mark_text(fontSize=10).encode(
        text=alt.Text("customers:Q", format=COUNT), color=ink("datum.from_share > 0.6")
    )
    return spec(alt.layer(cells, counts), {"step": 24})


def cohorts() -> dict[str, Any]:
    base = rows().encode(
        x=alt.X("period_number:O", title="periods since the first order", axis=alt.Axis(labelAngle=0, labelOverlap="greedy")),
        y=alt.Y("cohort_period:O", title="first order in", axis=alt.Axis(labelExpr=MONTH_LABEL)),
    )
    cells = base.mark_rect().encode(
        color=alt.Color("retention_rate:Q", title="retention", legend=alt.Legend(format=".0%"),
                        scale=alt.Scale(domainMin=0)),
        opacity=alt.condition("datum.is_complete", alt.value(1), alt.value(0.45)),
        tooltip=[
            tip("cohort_period", "first order in"),
            tip("period_number", "periods later", COUNT),
            tip("active_customers", "bought again", COUNT),
            tip("cohort_customers", "of", COUNT),
            tip("retention_rate", "retention", SHARE),
            tip("cumulative_revenue_per_customer", "net revenue per customer so far", MONEY),
            tip("state", "state"),
        ],
    )
    return spec(cells, {"step": 17})


def clv_distribution() -> dict[str, Any]:
    chart = (
        rows()
        .mark_bar(binSpacing=1, cornerRadiusEnd=0)
        .encode(
            x=alt.X("from:Q", bin=alt.BinParams(binned=True), title="expected revenue per customer",
                    axis=alt.Axis(format="~s")),
            x2="to:Q",
            y=alt.Y("customers:Q", title="customers"),
            color=alt.Color(
                "churn_risk:N",
                title="churn risk",
                scale=alt.Scale(
                    domain=RISKS, range=[{"expr": name} for name in ("low", "medium", "high", "pale")]
                ),
            ),
            order=alt.Order("risk_number:Q"),
            tooltip=[
                tip("range", "expected revenue"),
                tip("churn_risk", "churn risk"),
                tip("customers", "customers", COUNT),
                tip("clv", "expected in all", MONEY),
            ],
        )
    )
    return spec(chart)


def churn_risk() -> dict[str, Any]:
    chart = (
        rows()
        .transform_fold(["customers", "expected revenue"], as_=["measure", "share"])
        .mark_bar()
        .encode(
            y=alt.Y("churn_risk:N", title=None, sort=RISKS),
            x=alt.X("share:Q", title="share of all", axis=alt.Axis(format=".0%")),
            yOffset="measure:N",
            color=alt.Color("measure:N", title=None),
            tooltip=[
                tip("churn_risk", "churn risk"),
                tip("count", "customers", COUNT),
                tip("clv", "expected revenue", MONEY),
                tip("customers", "share of customers", SHARE),
                tip("expected revenue", "share of expected revenue", SHARE),
            ],
        )
    )
    return spec(chart, {"step": 24})


# --- products ----------------------------------------------------------------------------------


def pareto() -> dict[str, Any]:
    chart = (
        rows()
        .mark_line(point=alt.OverlayMarkDef(size=18))
        .encode(
            x=alt.X("cumulative_entity_share:Q", title="share of products, best first",
                    axis=alt.Axis(format=".0%"), scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("cumulative_revenue_share:Q", title="share of net revenue",
                    axis=alt.Axis(format=".0%")),
            color=alt.Color("abc_class:N", title="class"),
            tooltip=[
                tip("revenue_rank", "products", COUNT),
                tip("cumulative_entity_share", "share of products", SHARE),
                tip("cumulative_revenue_share", "share of net revenue", SHARE),
                tip("abc_class", "class"),
            ],
        )
    )
    return spec(chart)


def abc_xyz() -> dict[str, Any]:
    base = rows().encode(
        x=alt.X("xyz_class:N", title="demand: X steady, Y varying, Z erratic", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("abc_class:N", title="revenue: A most, C least"),
    )
    cells = base.mark_rect().encode(
        color=alt.Color("total_revenue:Q", title="net revenue", legend=alt.Legend(format="~s")),
        tooltip=[
            tip("abc_class", "ABC class"),
            tip("xyz_class", "XYZ class"),
            tip("products", "products", COUNT),
            tip("total_revenue", "net revenue", MONEY),
            tip("share", "share of net revenue", SHARE),
        ],
    )
    counts = base.mark_text(fontSize=13).encode(text="text:N", color=ink("datum.strength > 0.6"))
    return spec(alt.layer(cells, counts))


def treemap() -> dict[str, Any]:
    base = rows().encode(
        x=alt.X("x0:Q", axis=None, scale=alt.Scale(domain=[0, 100], nice=False)),
        x2="x1:Q",
        y=alt.Y("y0:Q", axis=None, scale=alt.Scale(domain=[0, 50], nice=False, reverse=True)),
        y2="y1:Q",
    )
    tips = [
        tip("category", "category"),
        tip("subcategory", "subcategory"),
        tip("net_revenue", "net revenue", MONEY),
        tip("share", "share", SHARE),
        tip("units", "units", COUNT),
    ]
    tiles = base.mark_rect(stroke=alt.ExprRef("card"), strokeWidth=2).encode(
        color=alt.Color("category:N", title=None), tooltip=tips
    )
    names = rows().transform_filter("datum.name").encode(
        x=alt.X("x0:Q", axis=None), y=alt.Y("y0:Q", axis=None)
    ).mark_text(
        align="left", baseline="top", dx=5, dy=5, fontSize=11, color=alt.ExprRef("onColour"),
        tooltip=None,
    ).encode(text="name:N")
    return spec(alt.layer(tiles, names), 340)


def category_ranking() -> dict[str, Any]:
    chart = (
        rows()
        .mark_bar(color=alt.ExprRef("bar"))
        .encode(
            y=alt.Y("name:N", title=None, sort="-x"),
            x=alt.X("net_revenue:Q", title="net revenue", axis=alt.Axis(format="~s")),
            tooltip=[
                tip("name", "category"),
                tip("net_revenue", "net revenue", MONEY),
                tip("share", "share", SHARE),
                tip("before", "period before", MONEY),
                tip("change", "change", "+.1%"),
                tip("units", "units", COUNT),
            ],
        )
    )
    before = (
        rows()
        .mark_tick(thickness=2, color=alt.ExprRef("onWeak"))
        .encode(y=alt.Y("name:N", sort="-x"), x="before:Q")
    )
    return spec(alt.layer(chart, before), {"step": 26})


# --- baskets -----------------------------------------------------------------------------------


def rules_map() -> dict[str, Any]:
    chart = (
        rows()
        .mark_circle(opacity=0.75)
        .encode(
            x=alt.X("support:Q", title="support: share of baskets with all of it",
                    axis=alt.Axis(format=".1%"), scale=alt.Scale(zero=False, nice=True)),
            y=alt.Y("confidence:Q", title="confidence", axis=alt.Axis(format=".0%")),
            size=alt.Size("rule_count:Q", legend=None),
            color=alt.Color("lift:Q", title="lift"),
            tooltip=[
                tip("antecedents", "who buys"),
                tip("consequent", "also buys"),
                tip("rule_count", "baskets", COUNT),
                tip("support", "support", ".2%"),
                tip("confidence", "confidence", SHARE),
                tip("lift", "lift", ",.1f"),
            ],
        )
    )
    return spec(chart, 320)


def recommendation_quality() -> dict[str, Any]:
    chart = (
        rows()
        .mark_bar()
        .encode(
            x=alt.X("k:O", title="length of the list", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("hit_rate:Q", title="hit rate", axis=alt.Axis(format=".0%")),
            xOffset="method:N",
            color=alt.Color("method:N", title=None),
            tooltip=[
                tip("method", "method"),
                tip("k", "length of the list", COUNT),
                tip("hit_rate", "hit rate", SHARE),
                tip("customers_hit", "customers hit", COUNT),
                tip("tested_customers", "of", COUNT),
            ],
        )
    )
    return spec(chart)


# --- web ---------------------------------------------------------------------------------------


def funnel() -> dict[str, Any]:
    base = rows().encode(
        y=alt.Y("step:N", title=None, sort=None),
        tooltip=[
            tip("step", "step"),
            tip("sessions", "sessions", COUNT),
            tip("of_all", "of all sessions", SHARE),
            tip("of_before", "of the step before", SHARE),
        ],
    )
    bars = base.mark_bar(color=alt.ExprRef("bar")).encode(x=alt.X("sessions:Q", title="sessions", axis=alt.Axis(format="~s", tickCount=4))
    )
    texts = base.mark_text(align="left", dx=5).encode(x="sessions:Q", text="text:N")
    return spec(alt.layer(bars, texts), {"step": 40})


def conversion() -> dict[str, Any]:
    chart = (
        rows()
        .mark_line(point=True)
        .encode(
            x=month_axis(),
            y=alt.Y("rate:Q", title="sessions that bought", axis=alt.Axis(format=".0%")),
            color=alt.Color("device:N", title=None),
            opacity=alt.condition("datum.is_complete", alt.value(1), alt.value(0.45)),
            tooltip=[
                tip("label", "month"),
                tip("device", "device"),
                tip("sessions", "sessions", COUNT),
                tip("purchase_sessions", "bought", COUNT),
                tip("rate", "conversion", SHARE),
                tip("state", "state"),
            ],
        )
    )
    return spec(chart)


def channel_revenue() -> dict[str, Any]:
    chart = (
        rows()
        .transform_fold(["attributed revenue", "spend"], as_=["measure", "amount"])
        .mark_bar()
        .encode(
            y=alt.Y("channel:N", title=None, sort=None),
            x=alt.X("amount:Q", title=None, axis=alt.Axis(format="~s")),
            yOffset="measure:N",
            color=alt.Color("measure:N", title=None),
            tooltip=[
                tip("channel", "channel"),
                tip("attributed revenue", "attributed revenue", MONEY),
                tip("spend", "spend", MONEY),
                tip("roas", "revenue per unit spent", ",.2f"),
            ],
        )
    )
    return spec(chart, {"step": 15})


def carts() -> dict[str, Any]:
    chart = (
        rows()
        .mark_bar()
        .encode(
            x=month_axis(),
            y=money_axis("cart_value", "value left in carts"),
            color=alt.Color("outcome:N", title=None),
            opacity=alt.condition("datum.is_complete", alt.value(1), alt.value(0.45)),
            tooltip=[
                tip("label", "month"),
                tip("outcome", "outcome"),
                tip("carts", "carts", COUNT),
                tip("cart_value", "value", MONEY),
                tip("state", "state"),
            ],
        )
    )
    return spec(chart)


# --- stock -------------------------------------------------------------------------------------


def stock_status() -> dict[str, Any]:
    order = ["Reorder now", "Out of stock", "Healthy", "Overstocked", "Dead stock", "Never sold",
             "Discontinued", "Not stocked"]
    base = rows().encode(
        y=alt.Y("status:N", title=None, sort=order),
        tooltip=[
            tip("status", "status"),
            tip("products", "products", COUNT),
            tip("stock_cost", "stock at cost", MONEY),
            tip("lost_sales", "sales lost to stock-outs", MONEY),
        ],
    )
    bars = base.mark_bar(color=alt.ExprRef("bar")).encode(x=alt.X("products:Q", title="products"))
    texts = base.mark_text(align="left", dx=5).encode(x="products:Q", text=alt.Text("products:Q", format=COUNT))
    return spec(alt.layer(bars, texts), {"step": 28})


# --- geography and payments --------------------------------------------------------------------


def countries() -> dict[str, Any]:
    chart = (
        rows()
        .mark_bar(color=alt.ExprRef("bar"))
        .encode(
            y=alt.Y("name:N", title=None, sort="-x"),
            x=alt.X("net_revenue:Q", title="net revenue", axis=alt.Axis(format="~s")),
            tooltip=[
                tip("name", "country"),
                tip("net_revenue", "net revenue", MONEY),
                tip("share", "share", SHARE),
                tip("before", "period before", MONEY),
                tip("change", "change", "+.1%"),
            ],
        )
    )
    before = (
        rows()
        .mark_tick(thickness=2, color=alt.ExprRef("onWeak"))
        .encode(y=alt.Y("name:N", sort="-x"), x="before:Q")
    )
    return spec(alt.layer(chart, before), {"step": 22})


def country_months() -> dict[str, Any]:
    chart = (
        rows()
        .mark_line(point=True)
        .encode(
            x=month_axis(),
            y=money_axis("net_revenue", "net revenue"),
            color=alt.Color("country:N", title=None, sort=None),
            opacity=alt.condition("datum.is_complete", alt.value(1), alt.value(0.45)),
            tooltip=[
                tip("label", "month"),
                tip("country", "country"),
                tip("net_revenue", "net revenue", MONEY),
                tip("state", "state"),
            ],
        )
    )
    return spec(chart)


def payment_months() -> dict[str, Any]:
    chart = (
        rows()
        .mark_bar()
        .encode(
            x=month_axis(),
            y=money_axis("amount_paid", "money received"),
            color=alt.Color("payment_method:N", title=None),
            opacity=alt.condition("datum.is_complete", alt.value(1), alt.value(0.45)),
            tooltip=[
                tip("label", "month"),
                tip("payment_method", "method"),
                tip("amount_paid", "money received", MONEY),
                tip("orders", "orders", COUNT),
                tip("state", "state"),
            ],
        )
    )
    return spec(chart)


# --- quality -----------------------------------------------------------------------------------


def rejected() -> dict[str, Any]:
    chart = (
        rows()
        .mark_bar(color=alt.ExprRef("bar"), stroke=alt.ExprRef("card"), cornerRadiusEnd=0)
        .encode(
            y=alt.Y("entity:N", title=None, sort="-x"),
            x=alt.X("rows_rejected:Q", title="rejected rows"),
            detail="rejection_reason:N",
            tooltip=[
                tip("entity", "table"),
                tip("rejection_reason", "reason"),
                tip("rows_rejected", "rows", COUNT),
            ],
        )
    )
    return spec(chart, {"step": 24})


PAGES = [
    Page(
        "overview",
        "Overview",
        "How the shop does, and where it is heading.",
        [
            Item(
                "cards",
                "Key figures",
                ("fct_orders", "fct_order_items", "fct_refunds", "dim_products"),
                "Net revenue: sales after discounts, minus refunds in the month they were given. Order "
                "value: sales after discounts ÷ orders, of the chosen category alone where one is "
                "chosen. Gross margin: net revenue − cost of the goods. Active customers bought in the "
                "period; new ones for the first time; repeat customers had more than one order ever by "
                "its end. Guests count in revenue and orders only. Changes are against as many months "
                "before, and only where both periods are over.",
                "sales",
                kind="cards",
                follows=ALL_FILTERS,
                empty="No order has been delivered yet.",
                wide=True,
            ),
            Item(
                "revenue",
                "Net revenue by month, and the forecast",
                ("fct_order_items", "fct_orders", "fct_refunds", "monthly_sales", "sales_forecast"),
                "Sales after discounts, minus refunds in the month they were given. The line across a "
                "bar is the same month a year before; a pale bar is a month that is not over. Dashed: "
                "the forecast with its 80 % and 95 % ranges. It is made for the whole shop, so it "
                "shows without a category or country, and when the period reaches the newest month.",
                "sales",
                follows=ALL_FILTERS,
                spec=revenue_and_forecast(),
                empty="No sale yet.",
                wide=True,
            ),
            Item(
                "bridge",
                "Why sales changed from month to month",
                ("revenue_bridge",),
                "The change of net sales (before refunds) against the month before, split into more "
                "customers, more orders per customer, more units per order and a higher price per "
                "unit. The dot is the whole change. Complete months only.",
                "bridge",
                follows=("period",),
                spec=bridge(),
                empty="Needs two complete months.",
            ),
            Item(
                "anomalies",
                "Days out of the ordinary",
                ("anomalies",),
                "Days whose figure lies far outside the band that the weeks around it draw, with the "
                "part of the shop that explains most of it.",
                "anomalies",
                kind="table",
                follows=("period",),
                columns=(
                    Column("metric_date", "Day", "date"),
                    Column("metric", "Figure", "code"),
                    Column("direction", "Direction"),
                    Column("value", "Was", "plain"),
                    Column("expected_value", "Expected", "plain"),
                    Column("explained_by", "Mostly in"),
                ),
                empty="No day stood out.",
            ),
            Item(
                "kpis",
                "All key figures of the newest days",
                ("kpi_summary",),
                "The days up to the newest order (by default 365) against as many days before. No "
                "change where the shop is not old enough.",
                "kpis",
                kind="table",
                columns=(
                    Column("kpi", "Figure", "code"),
                    Column("value", "Value", "by_unit"),
                    Column("previous_value", "Before", "by_unit"),
                    Column("value_growth", "Change", "growth"),
                ),
                empty="No order has been delivered yet.",
            ),
            Item(
                "forecast_quality",
                "How good the forecast has been",
                ("forecast_accuracy",),
                "Each method forecast past months from what was known before them. Mean error: by how "
                "much it missed, as a share of the month. Scaled error: against repeating last year "
                "within the known months; below 1 is better. Within 80 %: share of months that fell into "
                "the 80 % range.",
                "forecast_accuracy",
                kind="table",
                columns=(
                    Column("method", "Method", "code"),
                    Column("is_champion", "In use", "yesno"),
                    Column("mape", "Mean error", "share"),
                    Column("mase", "Scaled error", "number"),
                    Column("coverage_80", "Within 80 %", "share"),
                    Column("verdict", "Verdict"),
                ),
                empty="The shop is too young to test a forecast.",
            ),
        ],
    ),
    Page(
        "customers",
        "Customers",
        "Who buys, who comes back, who is leaving, and what they are worth.",
        [
            Item(
                "rfm",
                "RFM map",
                ("customer_rfm", "customer_metrics"),
                "Customers by their recency and frequency scores, 1 to 5, as of the newest order. The "
                "number is customers, the colour their net revenue so far. Country: the customer's own.",
                "segments",
                follows=("country",),
                group=("recency_score", "frequency_score"),
                sums=("customers", "monetary"),
                spec=rfm_map(),
                empty="No customer has bought yet.",
            ),
            Item(
                "segments",
                "Segments",
                ("customer_rfm", "customer_metrics"),
                "Share of each RFM segment in the customers who ever bought and in their net revenue so "
                "far, as of the newest order.",
                "segments",
                follows=("country",),
                group=("segment",),
                sums=("customers", "monetary"),
                spec=segments(),
                empty="No customer has bought yet.",
            ),
            Item(
                "migration",
                "Moves between segments",
                ("segment_migration",),
                "Customers by their segment a month before and at the end of the newest complete month "
                "of the period. First Purchase: bought for the first time in the month.",
                "migration",
                follows=("period",),
                spec=migration(),
                empty="Needs a complete month with customers.",
            ),
            Item(
                "cohorts",
                "Cohorts: who came back",
                ("customer_cohorts",),
                "Of the customers whose first order fell in a period, the share that bought again so "
                "many periods (months, unless var cohort_period says otherwise) later. Pale: the period is not over. The newest 36 cohorts.",
                "cohorts",
                spec=cohorts(),
                empty="Needs customers whose first order is a period old.",
            ),
            Item(
                "clv",
                "Customer lifetime value",
                ("customer_lifetime_value", "customer_metrics"),
                "Customers by the revenue expected of them in the year ahead (var clv_horizon_days), "
                "discounted; the last bar holds all above. Colour: risk that they are gone.",
                "clv",
                follows=("country",),
                group=("churn_risk", "bin", "bin_width"),
                sums=("customers", "clv"),
                spec=clv_distribution(),
                empty="No customer has bought yet.",
            ),
            Item(
                "churn",
                "Churn risk",
                ("customer_lifetime_value", "customer_metrics"),
                "Share of each risk class in the customers and in the revenue expected of them. Low: "
                "alive with 70 % probability or more; High: below 30 %. Unknown: the orders of this shop "
                "do not show who leaves.",
                "clv",
                follows=("country",),
                group=("churn_risk",),
                sums=("customers", "clv"),
                spec=churn_risk(),
                empty="No customer has bought yet.",
            ),
            Item(
                "at_risk",
                "Good customers who may be leaving",
                ("customer_lifetime_value", "customer_rfm", "customer_metrics"),
                "The 500 customers with the highest net revenue so far whose churn risk is medium or "
                "high. Silent: days since the last order. Lapses after: days of silence at which this "
                "customer counts as gone. Expected: revenue in the year ahead.",
                "at_risk",
                kind="table",
                follows=("country",),
                columns=(
                    Column("customer_id", "Customer"),
                    Column("country", "Country"),
                    Column("segment", "Segment"),
                    Column("churn_risk", "Risk"),
                    Column("probability_alive", "Still a customer", "share"),
                    Column("historical_orders", "Days with orders", "count"),
                    Column("historical_revenue", "Net revenue", "money"),
                    Column("silence_days", "Silent, days", "count"),
                    Column("lapse_after_days", "Lapses after, days", "count"),
                    Column("clv", "Expected", "money"),
                ),
                empty="No customer with medium or high risk.",
                wide=True,
            ),
        ],
    ),
    Page(
        "products",
        "Products",
        "What sells, how evenly, and what the shop depends on.",
        [
            Item(
                "categories",
                "Categories by net revenue",
                ("fct_order_items", "fct_orders", "fct_refunds", "dim_products"),
                "Sales after discounts, minus refunds in the month they were given. The line across a "
                "bar is the period before. With a category chosen: its subcategories.",
                "sales",
                follows=ALL_FILTERS,
                spec=category_ranking(),
                empty="Nothing sold.",
            ),
            Item(
                "treemap",
                "Where the revenue comes from",
                ("fct_order_items", "fct_orders", "fct_refunds", "product_performance"),
                "Area: net revenue of a subcategory; colour: its category. What refunds leave below "
                "zero is not drawn.",
                "product_sales",
                follows=ALL_FILTERS,
                spec=treemap(),
                empty="Nothing sold.",
            ),
            Item(
                "pareto",
                "Pareto: how few products make the revenue",
                ("revenue_pareto",),
                "Products from the best down, and the share of all net revenue so far that they make. "
                "Class A makes the first 80 %, B up to 95 % (var abc_shares).",
                "pareto",
                spec=pareto(),
                empty="Nothing sold.",
            ),
            Item(
                "abc_xyz",
                "ABC–XYZ: revenue against steadiness",
                ("product_performance",),
                "Number of products by share of revenue so far (A, B, C) and by how much their monthly "
                "demand varies (X, Y, Z; var xyz_deviations), with their share of the revenue.",
                "abc_xyz",
                follows=("category",),
                group=("abc_class", "xyz_class"),
                sums=("products", "total_revenue"),
                spec=abc_xyz(),
                empty="Nothing sold.",
            ),
            Item(
                "products",
                "All products",
                ("fct_order_items", "fct_orders", "fct_refunds", "product_performance"),
                "Net revenue, units, orders, margin and refunds of the period; ABC, XYZ and rating as of "
                "the newest order. Refund rate: refunds ÷ sales after discounts.",
                "product_sales",
                kind="table",
                follows=ALL_FILTERS,
                columns=(
                    Column("product_name", "Product"),
                    Column("category", "Category"),
                    Column("net_revenue", "Net revenue", "money"),
                    Column("share", "Share", "share"),
                    Column("units", "Units", "count"),
                    Column("orders", "Orders", "count"),
                    Column("gross_margin", "Gross margin", "money"),
                    Column("refund_rate", "Refund rate", "share"),
                    Column("abc_class", "ABC"),
                    Column("xyz_class", "XYZ"),
                    Column("avg_rating", "Rating", "number"),
                ),
                empty="Nothing sold.",
                wide=True,
                search=True,
            ),
        ],
    ),
    Page(
        "baskets",
        "Baskets",
        "What is bought together, and how good the recommendations are.",
        [
            Item(
                "rules_map",
                "Rules by support and confidence",
                ("market_basket_rules", "dim_products"),
                "Support: share of all baskets that hold the whole rule. Confidence: of the baskets with "
                "the first part, the share that also holds the second. Lift: how many times more often "
                "than by chance. Larger circle: more baskets. Category: that of the product also bought. The choices above the table "
                "below act here too.",
                "rules",
                follows=("category",),
                spec=rules_map(),
                empty="No rule passes the thresholds (var basket_min_support …).",
            ),
            Item(
                "recommendation_quality",
                "Do the recommendations hit?",
                ("recommendation_accuracy",),
                "The newest order of each tested customer was held back. Hit rate: share of customers "
                "with at least one newly bought product among the first k recommended ones, against "
                "offering what most bought, overall or in the favourite category.",
                "recommendation_accuracy",
                spec=recommendation_quality(),
                empty="No customer with two orders to test on.",
            ),
            Item(
                "rules",
                "Association rules",
                ("market_basket_rules", "dim_products"),
                "Who buys the first, also buys the second. Redundant: a simpler rule says as much. The "
                "1,000 strongest by lift where there are more.",
                "rules",
                kind="table",
                follows=("category",),
                columns=(
                    Column("antecedents", "Who buys"),
                    Column("consequent", "also buys"),
                    Column("rule_count", "Baskets", "count"),
                    Column("support", "Support", "share2"),
                    Column("confidence", "Confidence", "share"),
                    Column("lift", "Lift", "tenths"),
                    Column("is_redundant", "Redundant", "yesno"),
                ),
                empty="No rule passes the thresholds (var basket_min_support …).",
                wide=True,
                search=True,
            ),
        ],
    ),
    Page(
        "web",
        "Web",
        "How visits become orders, and what brings them.",
        [
            Item(
                "funnel",
                "From visit to order",
                ("conversion_funnel",),
                "Sessions that reached each step, in this order (var funnel_mode); a session counts in "
                "the month it began. Per cent: of the step before.",
                "funnel",
                follows=("period",),
                spec=funnel(),
                empty="This shop has delivered no web events (raw_events).",
            ),
            Item(
                "conversion",
                "Conversion by device",
                ("conversion_funnel",),
                "Share of the sessions that ended in an order; months with fewer than 20 sessions are "
                "left out. Pale: the month is not over.",
                "funnel",
                follows=("period",),
                group=("month", "device"),
                sums=("sessions", "purchase_sessions"),
                spec=conversion(),
                empty="This shop has delivered no web events (raw_events).",
            ),
            Item(
                "channel_revenue",
                "Channels: revenue and spend",
                ("channel_performance",),
                "Net revenue shared evenly among the visits before an order (linear attribution), and "
                "what the channel cost. Sales no visit is known of are left out here; the table has them.",
                "channels",
                follows=("period",),
                spec=channel_revenue(),
                empty="This shop has delivered no web events and no marketing spend.",
            ),
            Item(
                "carts",
                "Carts left behind",
                ("cart_abandonment",),
                "Value of carts that were left without an order, by whether the visitor bought soon "
                "after (var cart_recovery_days). Pale: the month is not over.",
                "carts",
                follows=("period",),
                group=("month", "outcome"),
                sums=("carts", "cart_value"),
                spec=carts(),
                empty="No cart was left behind, or this shop has delivered no web events (raw_events).",
            ),
            Item(
                "channels",
                "Channels",
                ("channel_performance",),
                "Conversion: sessions with an order ÷ sessions. Cost per new customer and revenue per "
                "unit spent (ROAS, linear attribution) where the channel cost something.",
                "channels",
                kind="table",
                follows=("period",),
                columns=(
                    Column("channel", "Channel", "code"),
                    Column("sessions", "Sessions", "count"),
                    Column("conversion", "Conversion", "share"),
                    Column("orders", "Orders", "count"),
                    Column("linear_revenue", "Attributed revenue", "money"),
                    Column("spend", "Spend", "money"),
                    Column("new_customers", "New customers", "count"),
                    Column("cost_per_new", "Cost per new customer", "money"),
                    Column("roas", "ROAS", "number"),
                ),
                empty="This shop has delivered no web events and no marketing spend.",
                wide=True,
            ),
        ],
    ),
    Page(
        "stock",
        "Stock",
        "What to reorder now, and where money lies idle.",
        [
            Item(
                "reorder",
                "Reorder now",
                ("inventory_health",),
                "Products whose stock, on hand and on order, is at or below the reorder point. Order: "
                "units that last the cover time (var order_cover_days). As of the newest stock count.",
                "stock_items",
                kind="table",
                follows=("category",),
                columns=(
                    Column("product_name", "Product"),
                    Column("category", "Category"),
                    Column("reorder_quantity", "Order, units", "count"),
                    Column("units_on_hand", "On hand", "count"),
                    Column("units_on_order", "On order", "count"),
                    Column("sales_velocity", "Sold per day", "number"),
                    Column("days_of_cover", "Lasts, days", "tenths"),
                    Column("lead_time_days", "Delivery, days", "count"),
                    Column("status_reason", "Why"),
                ),
                empty="Nothing is due, or this shop has delivered no stock counts (raw_inventory).",
                wide=True,
            ),
            Item(
                "stock_status",
                "Products by state of stock",
                ("inventory_health",),
                "Each product is in one state. As of the newest stock count.",
                "stock",
                follows=("category",),
                group=("status",),
                sums=("products", "stock_cost", "lost_sales"),
                spec=stock_status(),
                empty="This shop has delivered no stock counts (raw_inventory).",
            ),
            Item(
                "stock_money",
                "Money in stock",
                ("inventory_health",),
                "Stock at cost, and sales lost while products were out of stock, by state of stock.",
                "stock",
                kind="table",
                follows=("category",),
                group=("status",),
                sums=("products", "units_on_hand", "stock_cost", "lost_sales"),
                columns=(
                    Column("status", "State"),
                    Column("products", "Products", "count"),
                    Column("units_on_hand", "Units", "count"),
                    Column("stock_cost", "Stock at cost", "money"),
                    Column("lost_sales", "Sales lost", "money"),
                ),
                empty="This shop has delivered no stock counts (raw_inventory).",
            ),
            Item(
                "stock_items",
                "All products, most urgent first",
                ("inventory_health",),
                "Order by: day on which the stock falls to the reorder point at the present pace. The "
                "1,000 most urgent where there are more.",
                "stock_items",
                kind="table",
                follows=("category",),
                columns=(
                    Column("product_name", "Product"),
                    Column("category", "Category"),
                    Column("status", "State"),
                    Column("reorder_date", "Order by", "date"),
                    Column("units_on_hand", "On hand", "count"),
                    Column("days_of_cover", "Lasts, days", "tenths"),
                    Column("stock_cost", "Stock at cost", "money"),
                    Column("lost_sales", "Sales lost", "money"),
                    Column("status_reason", "Why"),
                ),
                empty="This shop has delivered no stock counts (raw_inventory).",
                wide=True,
                search=True,
            ),
        ],
    ),
    Page(
        "places",
        "Geography and payments",
        "Where the shop sells and how it is paid.",
        [
            Item(
                "countries",
                "Countries by net revenue",
                ("fct_order_items", "fct_orders", "fct_refunds", "dim_products"),
                "By the country an order is shipped to. The line across a bar is the period before. The "
                "25 best where there are more.",
                "sales",
                follows=ALL_FILTERS,
                spec=countries(),
                empty="Nothing sold.",
            ),
            Item(
                "country_months",
                "The five best countries by month",
                ("fct_order_items", "fct_orders", "fct_refunds", "dim_products"),
                "Net revenue by the country shipped to. Pale: the month is not over.",
                "sales",
                follows=ALL_FILTERS,
                spec=country_months(),
                empty="Nothing sold.",
            ),
            Item(
                "regions",
                "Regions",
                ("regional_sales",),
                "Orders by the region shipped to. Order value: sales after discounts ÷ orders.",
                "regions",
                kind="table",
                follows=("period", "country"),
                columns=(
                    Column("country", "Country"),
                    Column("region", "Region"),
                    Column("total_revenue", "Net revenue", "money"),
                    Column("share", "Share", "share"),
                    Column("total_orders", "Orders", "count"),
                    Column("order_value", "Order value", "money"),
                    Column("before", "Period before", "money"),
                    Column("change", "Change", "growth"),
                ),
                empty="Nothing sold.",
                wide=True,
                search=True,
            ),
            Item(
                "payment_months",
                "Money received, by payment method",
                ("payment_methods",),
                "Payments that arrived, by the month of the payment. Pale: the month is not over.",
                "payments",
                follows=("period",),
                group=("month", "payment_method"),
                sums=("amount_paid", "orders"),
                spec=payment_months(),
                empty="This shop has delivered no payments (raw_payments).",
            ),
            Item(
                "payments",
                "Payment methods",
                ("payment_methods",),
                "Success: payments that arrived ÷ attempts.",
                "payments",
                kind="table",
                follows=("period",),
                columns=(
                    Column("payment_method", "Method", "code"),
                    Column("amount_paid", "Money received", "money"),
                    Column("share", "Share", "share"),
                    Column("attempts", "Attempts", "count"),
                    Column("success", "Success", "share"),
                    Column("per_order", "Per order", "money"),
                ),
                empty="This shop has delivered no payments (raw_payments).",
            ),
        ],
    ),
    Page(
        "quality",
        "Quality",
        "Whether the numbers can be trusted.",
        [
            Item(
                "checks",
                "Tests of this publication",
                ("rejected_rows", "revenue_ledger"),
                "A publication is made only when no test failed. Totals against lines: by how much the "
                "totals that orders state differ from their lines, shipping and tax, in all.",
                "months",
                kind="cards",
                wide=True,
            ),
            Item(
                "reconciliation",
                "Every delivered row is accounted for",
                ("row_reconciliation",),
                "Rows delivered = rows used + rows rejected. Flagged: used, with an unreadable optional "
                "value left empty.",
                "reconciliation",
                kind="table",
                columns=(
                    Column("entity", "Table", "code"),
                    Column("raw_rows", "Delivered", "count"),
                    Column("staged_rows", "Used", "count"),
                    Column("rejected_rows", "Rejected", "count"),
                    Column("flagged_rows", "Flagged", "count"),
                    Column("is_reconciled", "Adds up", "yesno"),
                ),
            ),
            Item(
                "rejected_map",
                "Rejected rows",
                ("rejected_rows",),
                "Rows that break a rule and are in no figure, by table and reason.",
                "rejected",
                spec=rejected(),
                empty="No row was rejected.",
            ),
            Item(
                "rejected",
                "Rejected rows by reason",
                ("rejected_rows",),
                "The rows themselves, with key and content, are in the mart.",
                "rejected",
                kind="table",
                columns=(
                    Column("entity", "Table", "code"),
                    Column("rejection_reason", "Reason"),
                    Column("rows_rejected", "Rows", "count"),
                ),
                empty="No row was rejected.",
            ),
            Item(
                "unmapped",
                "Spellings no map knows",
                ("unmapped_values",),
                "Values kept as they came because a reference seed does not list them.",
                "unmapped",
                kind="table",
                columns=(
                    Column("entity", "Table", "code"),
                    Column("column_name", "Column", "code"),
                    Column("value", "Value"),
                    Column("reference_seed", "Map", "code"),
                    Column("staged_rows", "Rows", "count"),
                ),
                empty="Every value is known.",
            ),
            Item(
                "ledger",
                "Revenue ledger",
                ("revenue_ledger",),
                "From gross sales to money received, by month of the sale or refund. Totals − lines: by "
                "how much the totals that orders state differ from their lines, shipping and tax, for "
                "instance because a line was rejected.",
                "ledger",
                kind="table",
                follows=("period",),
                columns=(
                    Column("month", "Month", "month"),
                    Column("gross_sales", "Gross sales", "money"),
                    Column("discounts", "Discounts", "money"),
                    Column("refunds", "Refunds", "money"),
                    Column("net_revenue", "Net revenue", "money"),
                    Column("shipping_amount", "Shipping", "money"),
                    Column("tax_amount", "Tax", "money"),
                    Column("amount_charged", "Charged", "money"),
                    Column("amount_paid", "Received", "money"),
                    Column("amount_paid_minus_charged", "Received − charged", "money"),
                    Column("unexplained_amount", "Totals − lines", "money"),
                    Column("is_complete", "Month over", "yesno"),
                ),
                empty="No sale yet.",
                wide=True,
            ),
        ],
    ),
]


def pages() -> list[dict[str, Any]]:
    """The pages as JSON."""
    return [asdict(page) for page in PAGES]


def marts_named() -> set[str]:
    """Names of the marts that items name."""
    return {mart for page in PAGES for item in page.items for mart in item.marts}
