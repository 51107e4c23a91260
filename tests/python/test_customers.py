"""Customer marts are what they would have been at the time, and follow their knobs."""

from __future__ import annotations

from collections.abc import Callable

from warehouse import Warehouse

NewWarehouse = Callable[[str], Warehouse]

SEGMENTS = "select customer_id, segment, recency, frequency, monetary from analytics."


def test_history_is_what_was_known_then(
    new_warehouse: NewWarehouse, sample_shop: NewWarehouse
) -> None:
    """Segments of June 2025 are those of a warehouse built on its last day.

    That warehouse also has quarterly cohorts and a window of its own.
    """
    warehouse = new_warehouse("duckdb")
    run = warehouse.dbt(
        "build",
        *("--select", "+marts.customers"),
        *("--exclude-resource-type", "unit_test"),
        *("--indirect-selection", "cautious"),
        variables={
            "as_of_date": "2025-06-30",
            "cohort_period": "quarter",
            "value_window_days": [7],
            "churn_days": 365,
        },
    )
    assert run.exit_code == 0, run.output[-6000:]
    today = warehouse.query(SEGMENTS + "customer_rfm order by 1")
    then = sample_shop("duckdb").query(
        SEGMENTS + "customer_segment_history where segment_month = date '2025-06-01' order by 1"
    )
    assert len(today) > 500
    assert today == then
    assert warehouse.query(
        "select count(distinct cohort_period), count(*), max(window_days) "
        "from analytics.customer_value_windows"
    ) == [(6, 6, 7)]
