"""What the shop does itself: weekly stock counts and marketing spend."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa

from shop_generator import columns as col
from shop_generator import settings as cfg
from shop_generator.catalogue import Catalogue
from shop_generator.settings import Settings, random_stream
from shop_generator.timeline import Timeline


def inventory_table(
    settings: Settings, timeline: Timeline, catalogue: Catalogue, units_sold: np.ndarray
) -> pa.Table:
    """Stock on Sunday evenings of the last weeks; ``units_sold`` is int64 [weeks, products].

    A reorder-point policy: when stock on hand and on order falls below what the lead time and two
    weeks of safety need, order up to eight weeks more. Stock-outs hold deliveries back.
    """
    rng = random_stream(settings.seed, 2)
    ends_on_sunday = timeline.first_monday + timeline.weeks * cfg.WEEK == timeline.end
    last = timeline.weeks - (0 if ends_on_sunday else 1)
    first = max(0, last - cfg.INVENTORY_WEEKS)
    weekly = units_sold[first:last].sum(axis=0) / np.maximum(
        catalogue.available[first:last].sum(axis=0), 1
    )
    lead_days = rng.choice([5, 7, 10, 14, 21, 28], catalogue.size)
    lead_weeks = -(-lead_days // 7)
    reorder_at = np.ceil(weekly * (lead_weeks + 2)) + 2
    order_up_to = reorder_at + np.ceil(weekly * 8) + 2
    on_hand = np.ceil(reorder_at + weekly * rng.uniform(1, 8, catalogue.size))
    on_hand[catalogue.overstocked] = np.ceil(weekly[catalogue.overstocked] * 130) + 60
    on_hand[catalogue.dead] += rng.integers(40, 120, catalogue.dead.size)
    empty = np.zeros((last, catalogue.size), dtype=bool)
    for out in catalogue.stock_outs:
        empty[out.first : out.last + 1, out.product] = True

    on_order = np.zeros(catalogue.size)
    arrivals = np.zeros((last + int(lead_weeks.max()) + 1, catalogue.size))
    rows = []
    for week in range(first, last):
        postponed = empty[week]
        arrivals[week + 1, postponed] += arrivals[week, postponed]
        arrivals[week, postponed] = 0
        on_hand = np.maximum(on_hand + arrivals[week] - units_sold[week], 0)
        on_order = on_order - arrivals[week]
        on_hand[empty[week]] = 0
        on_hand[week > catalogue.last_week] = 0
        short = (on_hand + on_order < reorder_at) & (week < catalogue.last_week)
        ordered = np.where(short, np.ceil(order_up_to - on_hand - on_order), 0)
        np.add.at(arrivals, (week + lead_weeks, np.arange(catalogue.size)), ordered)
        on_order = on_order + ordered
        on_order[week > catalogue.last_week] = 0
        listed = np.flatnonzero(catalogue.first_week <= week)
        rows.append((week, listed, on_hand[listed], on_order[listed]))

    product = np.concatenate([listed for _, listed, _, _ in rows])
    sundays = [timeline.monday(week) + timedelta(days=6) for week, *_ in rows]
    counts = [listed.size for _, listed, _, _ in rows]
    return col.table(
        "inventory",
        product_id=catalogue.ids(product),
        snapshot_date=pa.array(np.repeat(np.array(sundays, "datetime64[D]"), counts)),
        units_on_hand=col.wholes(np.concatenate([hand for _, _, hand, _ in rows])),
        units_on_order=col.wholes(np.concatenate([order for _, _, _, order in rows])),
        lead_time_days=col.wholes(lead_days[product]),
    )


def marketing_table(settings: Settings, timeline: Timeline) -> pa.Table:
    """Weekly spend by paid channel and campaign: expected new customers times cost per customer."""
    rng = random_stream(settings.seed, 3)
    first = 0 if timeline.first_monday == timeline.start else 1
    edges = timeline.first_monday + np.arange(first, timeline.weeks + 1) * cfg.WEEK
    acquired = np.diff(np.interp(np.minimum(edges, timeline.end), timeline.grid, timeline.acquired))
    buyers = settings.customers * (1 - cfg.NEVER_BOUGHT_SHARE)
    mondays = [timeline.monday(week) for week in range(first, timeline.weeks)]
    weights = dict(zip(cfg.CHANNELS, cfg.ACQUISITION_WEIGHTS, strict=True))
    spend, clicks, impressions = [], [], []
    for channel, _, share, cost_per_customer, cost_per_click in cfg.CAMPAIGNS:
        expected = acquired * buyers * weights[channel] * share
        noise = rng.lognormal(0.0, 0.18, acquired.size)
        cents = np.rint(expected * cost_per_customer * noise * 100).astype(np.int64) + 100
        bought = np.rint(cents / 100 / cost_per_click * rng.lognormal(0, 0.1, acquired.size))
        spend.append(cents)
        clicks.append(bought)
        impressions.append(np.rint(bought * rng.uniform(25, 60, acquired.size)))
    campaigns = len(cfg.CAMPAIGNS)
    by_week = np.arange(campaigns * acquired.size).reshape(campaigns, -1).T.ravel()
    campaign = by_week // acquired.size
    return col.table(
        "marketing_spend",
        spend_date=pa.array(np.repeat(np.array(mondays, "datetime64[D]"), campaigns)),
        channel=col.words([row[0] for row in cfg.CAMPAIGNS], campaign),
        campaign=col.words([row[1] for row in cfg.CAMPAIGNS], campaign),
        spend=col.money(np.concatenate(spend)[by_week]),
        impressions=col.wholes(np.concatenate(impressions)[by_week]),
        clicks=col.wholes(np.concatenate(clicks)[by_week]),
    )
