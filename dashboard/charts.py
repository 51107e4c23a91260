"""The charts of the dashboard: Vega-Lite specifications written with Altair, one function each.

The rows come from js/views.js under the name `rows`, in two charts under a second name too. Colours
that depend on the theme are parameters that js/charts.js sets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import altair as alt

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


def rows(name: str = "rows") -> alt.Chart:
    """A chart of rows that js/views.js makes."""
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
    return alt.condition(test, alt.value(alt.ExprRef("onStrong")), alt.value(alt.ExprRef("onWeak")))


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
        y="year_before:Q",
        tooltip=[tip("label", "month"), tip("year_before", "a year before", MONEY)],
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
    ).encode(y="forecast_revenue:Q", tooltip=tips)
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
            tooltip=[
                tip("label", "month"),
                tip("effect", "because of"),
                tip("amount", "amount", MONEY),
            ],
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
        x=alt.X(
            "recency_score:O",
            title="recency score (5: bought lately)",
            axis=alt.Axis(labelAngle=0),
            scale=alt.Scale(domain=[1, 2, 3, 4, 5]),
        ),
        y=alt.Y(
            "frequency_score:O",
            title="frequency score (5: buys often)",
            scale=alt.Scale(domain=[5, 4, 3, 2, 1]),
        ),
    )
    cells = base.mark_rect().encode(
        color=alt.Color("customer_revenue:Q", title="net revenue", legend=alt.Legend(format="~s")),
        tooltip=[
            tip("recency_score", "recency score", COUNT),
            tip("frequency_score", "frequency score", COUNT),
            tip("customers", "customers", COUNT),
            tip("customer_revenue", "net revenue", MONEY),
            tip("revenue_per_customer", "per customer", MONEY),
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
                tip("customer_revenue", "net revenue", MONEY),
                tip("customers", "share of customers", SHARE),
                tip("net revenue", "share of net revenue", SHARE),
            ],
        )
    )
    return spec(chart, {"step": 13})


def migration() -> dict[str, Any]:
    order = ["First Purchase", *SEGMENTS]
    base = rows().encode(
        x=alt.X(
            "to_segment:N",
            title="segment at the month's end",
            sort=order,
            axis=alt.Axis(labelAngle=-40),
        ),
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
        x=alt.X(
            "period_number:O",
            title="periods since the first order",
            axis=alt.Axis(labelAngle=0, labelOverlap="greedy"),
        ),
        y=alt.Y("cohort_period:O", title="first order in", axis=alt.Axis(labelExpr=MONTH_LABEL)),
    )
    cells = base.mark_rect().encode(
        color=alt.Color(
            "retention_rate:Q",
            title="retention",
            legend=alt.Legend(format=".0%"),
            scale=alt.Scale(domainMin=0),
        ),
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
            x=alt.X(
                "from:Q",
                bin=alt.BinParams(binned=True),
                title="expected revenue per customer",
                axis=alt.Axis(format="~s"),
            ),
            x2="to:Q",
            y=alt.Y("customers:Q", title="customers"),
            color=alt.Color(
                "churn_risk:N",
                title="churn risk",
                scale=alt.Scale(
                    domain=RISKS,
                    range=[{"expr": name} for name in ("low", "medium", "high", "bar")],
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
            x=alt.X(
                "cumulative_entity_share:Q",
                title="share of products, best first",
                axis=alt.Axis(format=".0%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
            y=alt.Y(
                "cumulative_revenue_share:Q",
                title="share of net revenue",
                axis=alt.Axis(format=".0%"),
            ),
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
        x=alt.X(
            "xyz_class:N",
            title="demand: X steady, Y varying, Z erratic",
            axis=alt.Axis(labelAngle=0),
            scale=alt.Scale(domain=["X", "Y", "Z"]),
        ),
        y=alt.Y(
            "abc_class:N",
            title="revenue: A most, C least",
            scale=alt.Scale(domain=["A", "B", "C"]),
        ),
    )
    cells = base.mark_rect().encode(
        color=alt.Color("net_revenue:Q", title="net revenue", legend=alt.Legend(format="~s")),
        tooltip=[
            tip("abc_class", "ABC class"),
            tip("xyz_class", "XYZ class"),
            tip("products", "products", COUNT),
            tip("net_revenue", "net revenue", MONEY),
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
    names = (
        rows()
        .transform_filter("datum.name")
        .encode(x=alt.X("x0:Q", axis=None), y=alt.Y("y0:Q", axis=None))
        .mark_text(
            align="left",
            baseline="top",
            dx=5,
            dy=5,
            fontSize=11,
            color=alt.ExprRef("onColour"),
            tooltip=None,
        )
        .encode(text="name:N")
    )
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
            x=alt.X(
                "support:Q",
                title="support: share of baskets with all of it",
                axis=alt.Axis(format=".1%"),
                scale=alt.Scale(zero=False, nice=True, padding=12),
            ),
            y=alt.Y("confidence:Q", title="confidence", axis=alt.Axis(format=".0%")),
            size=alt.Size("rule_count:Q", legend=None),
            color=alt.Color(
                "lift:Q", title="lift", scale=alt.Scale(range=[{"expr": "bar"}, {"expr": "high"}])
            ),
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
    bars = base.mark_bar(color=alt.ExprRef("bar")).encode(
        x=alt.X("sessions:Q", title="sessions", axis=alt.Axis(format="~s", tickCount=4))
    )
    texts = base.mark_text(align="left", dx=5).encode(x="sessions:Q", text="text:N")
    return spec(alt.layer(bars, texts), {"step": 40})


def conversion() -> dict[str, Any]:
    chart = (
        rows()
        .mark_line(point=True)
        .encode(
            x=month_axis(),
            y=alt.Y("conversion_rate:Q", title="sessions that bought", axis=alt.Axis(format=".0%")),
            color=alt.Color("device:N", title=None),
            opacity=alt.condition("datum.is_complete", alt.value(1), alt.value(0.45)),
            tooltip=[
                tip("label", "month"),
                tip("device", "device"),
                tip("sessions", "sessions", COUNT),
                tip("converted_sessions", "bought", COUNT),
                tip("conversion_rate", "conversion", SHARE),
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
                tip("linear_revenue", "attributed revenue", MONEY),
                tip("marketing_spend", "spend", MONEY),
                tip("linear_return_on_ad_spend", "revenue per unit spent", ",.2f"),
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
    order = [
        "Reorder now",
        "Out of stock",
        "Healthy",
        "Overstocked",
        "Dead stock",
        "Never sold",
        "Discontinued",
        "Not stocked",
    ]
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
    texts = base.mark_text(align="left", dx=5).encode(
        x="products:Q", text=alt.Text("products:Q", format=COUNT)
    )
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
                tip("paid_orders", "orders", COUNT),
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


CHARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "revenue": revenue_and_forecast,
    "bridge": bridge,
    "rfm": rfm_map,
    "segments": segments,
    "migration": migration,
    "cohorts": cohorts,
    "clv": clv_distribution,
    "churn": churn_risk,
    "categories": category_ranking,
    "treemap": treemap,
    "pareto": pareto,
    "abc_xyz": abc_xyz,
    "rules_map": rules_map,
    "recommendation_quality": recommendation_quality,
    "funnel": funnel,
    "conversion": conversion,
    "channel_revenue": channel_revenue,
    "carts": carts,
    "stock_status": stock_status,
    "countries": countries,
    "country_months": country_months,
    "payment_months": payment_months,
    "rejected_map": rejected,
}
