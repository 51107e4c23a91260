"""One row per rule: who buys the antecedents also buys the consequent."""

COLUMNS = {
    "antecedents": "text",
    "antecedent_keys": "text",
    "consequent": "text",
    "consequent_key": "text",
    "item_level": "text",
    "rule_length": "bigint",
    "antecedent_count": "bigint",
    "consequent_count": "bigint",
    "rule_count": "bigint",
    "basket_count": "bigint",
    "kept_out_basket_count": "bigint",
    "support": "double",
    "confidence": "double",
    "lift": "double",
    "leverage": "double",
    "conviction": "double",
    "chi_square": "double",
    "p_value": "double",
    "items_margin": "decimal(18, 2)",
    "is_redundant": "boolean",
}


def model(dbt, session):  # noqa: ANN001, ANN201 (dbt calls it and gives no types)
    from association_rules import Thresholds, market_basket_rules

    limits = dbt.ref("int_basket_limits").fetchone()
    limits = dict(zip(dbt.ref("int_basket_limits").columns, limits or (), strict=False))
    # The miner knows items and baskets by numbers; a rule lists its items in the order of theirs.
    items = (
        dbt.ref("int_basket_items_counted")
        .filter("is_frequent")
        .select(
            "row_number() over (order by item_name, item_key) as item, item_key, item_name, "
            "cast(item_margin * 100 as bigint) as cents"
        )
    )
    catalogue = items.fetchall()
    pairs = (
        dbt.ref("int_basket_items")
        .query(
            "basket_items",
            "select dense_rank() over (order by basket_items.order_id) as basket, items.item "
            f"from basket_items inner join ({items.sql_query()}) as items using (item_key)",
        )
        .fetchnumpy()
    )
    rules = market_basket_rules(
        pairs["basket"],
        pairs["item"],
        {number: key for number, key, _, _ in catalogue},
        {number: name for number, _, name, _ in catalogue},
        {number: cents for number, _, _, cents in catalogue},
        limits.get("basket_count", 0),
        Thresholds(
            limits.get("min_count", 1),
            limits.get("min_confidence_millionths", 0),
            limits.get("min_lift_thousandths", 0),
            limits.get("max_length", 2),
        ),
    )
    rules["item_level"] = limits.get("item_level")
    rules["basket_count"] = limits.get("basket_count")
    rules["kept_out_basket_count"] = limits.get("kept_out_basket_count")
    rules["items_margin"] = rules["margin_cents"].astype("float64") / 100
    return session.from_df(rules).select(
        ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in COLUMNS.items())
    )
