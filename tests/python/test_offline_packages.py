"""Every macro and generic test of offline_packages/, proven on DuckDB and on PostgreSQL.

A small dbt project uses each of them in passing and failing ways. dbt builds it once per engine,
and the failing rows it counts must be the expected ones.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
import pytest
import yaml
from postgres_server import PostgresTarget, running_postgres

OFFLINE_PACKAGES = Path(__file__).parents[2] / "offline_packages"
ERROR = "error"

MODELS = {
    "people": """
        select
            *,
            cast(null as varchar(9)) as nothing,
            cast(current_timestamp as timestamp) as built_at
        from (
            values
            (1, 'a', 1, 10.0, 'Ada', 'A-1', 0, 1, cast('2024-01-01' as date), 'x'),
            (2, 'a', 1, 20.0, 'Bob', 'A-2', 1, 2, cast('2024-01-02' as date), 'x'),
            (3, 'b', 2, 30.0, ' ', 'B-3', 2, 3, cast('2024-01-03' as date), 'x'),
            (4, 'b', 2, null, null, null, 4, 5, cast('2024-01-05' as date), null)
        ) as listed (id, team, "group", score, name, code, starts, ends, day, same)
    """,
    "others": """
        select * from (
            values
            (1, 'a', 10.0, 'Ada'),
            (2, 'a', 20.0, 'Bob'),
            (3, 'b', 30.0, ''),
            (3, 'b', 30.0, ''),
            (4, 'c', null, null)
        ) as listed (id, team, score, name)
    """,
    "nudged": "select id, score + 0.0004 as score from {{ ref('people') }}",
    # An error keeps dbt from building what follows: the tests expected to end in one go here.
    "unread": "select id, starts, ends, score from {{ ref('people') }}",
    "surrogate_keys": """
        select
            id,
            {{ dbt_utils.generate_surrogate_key(['id', 'name', 'nothing']) }} as person_key
        from {{ ref('people') }}
    """,
    "days": """
        select cast(date_day as date) as day
        from (
            {{ dbt_utils.date_spine(
                'day', "cast('2024-02-28' as date)", "cast('2024-03-02' as date)"
            ) }}
        ) as spine
    """,
    "quotients": """
        select
            {{ dbt_utils.safe_divide('6.0', '3 + 1') }} as quotient,
            {{ dbt_utils.safe_divide('6.0', '1 - 1') }} as nothing
    """,
    "grouped": """
        select team, same, count(*) as people
        from {{ ref('people') }}
        {{ dbt_utils.group_by(2) }}
    """,
    "star_whole": "select {{ dbt_utils.star(ref('others')) }} from {{ ref('others') }}",
    "star_options": """
        select {{ dbt_utils.star(
            ref('people'),
            relation_alias='p',
            except=['BUILT_AT', 'nothing', 'day', 'same', 'starts', 'ends', 'code', 'score'],
            prefix='p_',
            suffix='_s',
            rename={'NAME': 'called'}
        ) }}
        from (select * from {{ ref('people') }}) as p
    """,
    "star_unquoted": """
        select {{ dbt_utils.star(ref('others'), quote_identifiers=false, prefix='O_') }}
        from {{ ref('others') }}
    """,
    "star_unquoted_aliases": """
        select {{ dbt_utils.star(ref('others'), unquote_aliases=true, suffix='_O') }}
        from {{ ref('others') }}
    """,
    "column_values": """
        {%- set people = ref('people') -%}
        {%- set others = ref('others') -%}
        {%- set missing = api.Relation.create(schema=target.schema, identifier='missing') -%}
        select
            '{{ dbt_utils.get_column_values(others, 'id') | join(' ') }}' as by_frequency,
            '{{ dbt_utils.get_column_values(people, 'id', order_by='max(day) desc')
                | join(' ') }}' as newest_first,
            '{{ dbt_utils.get_column_values(people, 'id', where="team = 'b'")
                | join(' ') }}' as filtered,
            '{{ dbt_utils.get_column_values(people, 'id', max_records=2) | join(' ') }}' as limited,
            '{{ dbt_utils.get_column_values(missing, 'id', default=['none'])
                | join(' ') }}' as defaulted
    """,
}

STAR_COLUMNS = {
    "star_whole": ["id", "team", "score", "name"],
    "star_options": ["p_id_s", "p_team_s", "p_group_s", "called"],
    "star_unquoted": ["o_id", "o_team", "o_score", "o_name"],
    "star_unquoted_aliases": ["id_o", "team_o", "score_o", "name_o"],
}


@dataclass(frozen=True)
class Case:
    """One use of a generic test: `failures` rows, or a message instead of SQL, are expected."""

    test: str
    failures: int | str
    arguments: dict[str, Any] = field(default_factory=dict)
    column: str | None = None
    model: str = "people"
    where: str | None = None


def utils(test: str, failures: int | str, column: str | None = None, **options: Any) -> Case:
    """A case of a dbt_utils test; options are its arguments, or `model` and `where`."""
    return _case("dbt_utils", test, failures, column, options)


def expect(test: str, failures: int | str, column: str | None = None, **options: Any) -> Case:
    """A case of a dbt_expectations test, named without its leading `expect_`."""
    return _case("dbt_expectations", f"expect_{test}", failures, column, options)


def _case(
    package: str, test: str, failures: int | str, column: str | None, options: dict[str, Any]
) -> Case:
    model = options.pop("model", "unread" if failures == ERROR else "people")
    where = options.pop("where", None)
    return Case(f"{package}.{test}", failures, options, column, model, where)


OTHERS = "ref('others')"
PEOPLE = "ref('people')"

CASES = [
    utils("accepted_range", 0, "score", min_value=10, max_value=30),
    utils("accepted_range", 2, "score", min_value=10, max_value=30, inclusive=False),
    utils("accepted_range", 3, "score", max_value="starts"),
    utils("accepted_range", 1, "score", min_value=15, where="team = 'a'"),
    utils("accepted_range", 0, "score", min_value=15, where="team = 'b'"),
    utils("accepted_range", ERROR, "score"),
    utils("unique_combination_of_columns", 0, combination_of_columns=["team", "name"]),
    utils("unique_combination_of_columns", 1, combination_of_columns=["team", "same"]),
    utils("unique_combination_of_columns", 1, combination_of_columns=["nothing"]),
    utils(
        "unique_combination_of_columns", 0, combination_of_columns=["team"], where="id in (1, 3)"
    ),
    utils("unique_combination_of_columns", 2, combination_of_columns=["group"], quote_columns=True),
    utils("expression_is_true", 0, expression="ends > starts"),
    utils("expression_is_true", 1, expression="score > 15"),
    utils("expression_is_true", 0, expression="score > 15", where="id > 1"),
    utils("expression_is_true", 1, "id", expression=">= 2"),
    utils("equal_rowcount", 0, compare_model=PEOPLE),
    utils("equal_rowcount", 1, compare_model=OTHERS),
    utils("equal_rowcount", 1, compare_model=OTHERS, group_by_columns=["team"]),
    utils("equal_rowcount", 0, compare_model=PEOPLE, group_by_columns=["team", "same"]),
    utils("fewer_rows_than", 0, compare_model=OTHERS),
    utils("fewer_rows_than", 1, compare_model=PEOPLE),
    utils("fewer_rows_than", 2, compare_model=OTHERS, group_by_columns=["team"]),
    utils("at_least_one", 0, "score"),
    utils("at_least_one", 1, "nothing"),
    utils("at_least_one", 1, "score", group_by_columns=["id"]),
    utils("at_least_one", 1, "score", where="id > 4"),
    utils("not_constant", 0, "score"),
    utils("not_constant", 1, "same"),
    utils("not_constant", 0, "nothing"),
    utils("not_constant", 1, "score", group_by_columns=["team"]),
    utils("not_null_proportion", 0, "score", at_least=0.75),
    utils("not_null_proportion", 1, "score", at_least=0.8),
    utils("not_null_proportion", 1, "score", at_least=0, at_most=0.5),
    utils("not_null_proportion", 1, "score", at_least=0.6, group_by_columns=["team"]),
    utils("recency", 0, field="built_at", datepart="hour", interval=24),
    utils("recency", 1, field="day", datepart="day", interval=1),
    utils("recency", 2, field="day", datepart="month", interval=1, group_by_columns=["team"]),
    utils("recency", 1, field="nothing", datepart="day", interval=1),
    utils("not_empty_string", 0, "code"),
    utils("not_empty_string", 1, "name"),
    utils("not_empty_string", 0, "name", trim_whitespace=False),
    utils("not_empty_string", 2, "name", trim_whitespace=False, model="others"),
    utils("cardinality_equality", 0, "score", to=PEOPLE, field="score"),
    utils("cardinality_equality", 1, "score", to=OTHERS, field="score"),
    utils("cardinality_equality", 1, "team", to=OTHERS, field="team"),
    utils("relationships_where", 0, "score", to=OTHERS, field="score"),
    utils("relationships_where", 1, "id", to=OTHERS, field="id", to_condition="team <> 'c'"),
    utils(
        "relationships_where",
        0,
        "id",
        to=OTHERS,
        field="id",
        from_condition="id <> 4 or id is null",
        to_condition="team <> 'c'",
    ),
    *(
        utils(
            "mutually_exclusive_ranges",
            failures,
            lower_bound_column="starts",
            upper_bound_column=upper,
            **options,
        )
        for failures, upper, options in [
            (0, "ends", {}),
            (1, "ends", {"gaps": "not_allowed"}),
            (0, "ends", {"gaps": "not_allowed", "where": "id < 4"}),
            (2, "ends", {"gaps": "required"}),
            (0, "ends", {"gaps": "required", "where": "id in (1, 3)"}),
            (ERROR, "ends", {"gaps": "sometimes"}),
            (2, "starts + 2", {}),
            (1, "starts + 2", {"partition_by": "team"}),
            (4, "starts", {}),
            (0, "starts", {"zero_length_range_allowed": True}),
            (1, "nullif(ends, 5)", {}),
        ]
    ),
    utils("sequential_values", 0, "id"),
    utils("sequential_values", 3, "id", interval=2),
    utils("sequential_values", 1, "starts"),
    utils("sequential_values", 1, "starts", group_by_columns=["team"]),
    utils("sequential_values", 0, "id", group_by_columns=["team"]),
    utils("sequential_values", 1, "day", datepart="day"),
    utils("sequential_values", 0, "day", datepart="hour", interval=24, where="id < 4"),
    utils("sequential_values", 1, "score", interval=10),
    utils("equality", 0, compare_model=PEOPLE),
    utils("equality", 3, compare_model=OTHERS, compare_columns=["ID", "team"]),
    utils("equality", 3, compare_model=PEOPLE, compare_columns=["id", "team"], model="others"),
    utils("equality", 6, compare_model="ref('nudged')", compare_columns=["id", "score"]),
    utils("equality", 0, compare_model=PEOPLE, model="nudged", precision=2),
    utils("equality", 0, compare_model=PEOPLE, model="nudged", exclude_columns=["Score"]),
    expect("column_values_to_be_between", 0, "score", min_value=10, max_value=30),
    expect("column_values_to_be_between", 2, "score", min_value=10, max_value=30, strictly=True),
    expect("column_values_to_be_between", 1, "score", min_value=15),
    expect(
        "column_values_to_be_between", 0, "score", min_value=15, row_condition="id > 1 or id = 3"
    ),
    expect("column_values_to_be_between", 1, "starts", max_value="id - 1"),
    expect("column_values_to_be_between", ERROR, "score"),
    expect("column_value_lengths_to_be_between", 0, "name", min_value=1, max_value=3),
    expect("column_value_lengths_to_be_between", 1, "name", min_value=2),
    expect("column_value_lengths_to_be_between", 0, "name", min_value=2, row_condition="id <> 3"),
    expect("column_value_lengths_to_be_between", 2, "name", max_value=3, strictly=True),
    expect("column_values_to_match_regex", 0, "code", regex="^[AB]-[0-9]$"),
    expect("column_values_to_match_regex", 0, "code", regex=r"-\d", is_raw=True),
    expect("column_values_to_match_regex", 1, "code", regex="A"),
    expect("column_values_to_match_regex", 0, "code", regex="A", row_condition="team = 'a'"),
    expect("column_values_to_match_regex", 3, "code", regex="^a"),
    expect("column_values_to_match_regex", 1, "code", regex="^a", flags="i"),
    expect("column_values_to_not_match_regex", 0, "code", regex="C"),
    expect("column_values_to_not_match_regex", 2, "code", regex="A"),
    expect("column_values_to_not_match_regex", 0, "code", regex="A", row_condition="team = 'b'"),
    expect("column_values_to_not_match_regex", 0, "code", regex="^a"),
    expect("column_values_to_not_match_regex", 2, "code", regex="^a", flags="i", is_raw=True),
    expect("column_values_to_be_in_set", 0, "team", value_set=["a", "b"]),
    expect("column_values_to_be_in_set", 2, "team", value_set=["a", "c"]),
    expect("column_values_to_be_in_set", 1, "same", value_set=["x"]),
    expect("column_values_to_be_in_set", 0, "same", value_set=["x"], row_condition="id < 4"),
    expect("column_values_to_be_in_set", 2, "id", value_set=[1, 2]),
    expect("column_values_to_be_in_set", 1, "id", value_set=["starts + 1"], quote_values=False),
    expect("column_values_to_not_be_in_set", 0, "team", value_set=["c"]),
    expect("column_values_to_not_be_in_set", 3, "same", value_set=["x", "y"]),
    expect("column_values_to_not_be_in_set", 1, "id", value_set=[4, 5], quote_values=False),
    expect("column_values_to_not_be_in_set", 0, "id", value_set=[4], row_condition="id < 4"),
    expect("column_distinct_values_to_be_in_set", 0, "team", value_set=["a", "b"]),
    expect("column_distinct_values_to_be_in_set", 1, "team", value_set=["a"]),
    expect("column_distinct_values_to_be_in_set", 1, "same", value_set=["x"]),
    expect(
        "column_distinct_values_to_be_in_set", 0, "same", value_set=["x"], row_condition="id < 4"
    ),
    expect("column_distinct_values_to_be_in_set", 2, "id", value_set=[1, 2], quote_values=False),
    expect("column_values_to_not_be_null", 0, "id"),
    expect("column_values_to_not_be_null", 1, "score"),
    expect("column_values_to_not_be_null", 0, "score", row_condition="id < 4"),
    expect("column_values_to_be_null", 0, "nothing"),
    expect("column_values_to_be_null", 3, "score"),
    expect("column_values_to_be_null", 0, "score", row_condition="id = 4"),
    expect("column_values_to_be_unique", 0, "id"),
    expect("column_values_to_be_unique", 2, "team"),
    expect("column_values_to_be_unique", 0, "nothing"),
    expect("column_values_to_be_unique", 0, "same", row_condition="id = 1 or id = 4"),
    expect("compound_columns_to_be_unique", 0, column_list=["id", "team"]),
    expect("compound_columns_to_be_unique", 1, column_list=["team", "same"]),
    expect(
        "compound_columns_to_be_unique", 0, column_list=["team", "same"], row_condition="id > 1"
    ),
    expect("compound_columns_to_be_unique", 1, column_list=["same", "nothing"]),
    expect("compound_columns_to_be_unique", 0, column_list=["nothing"]),
    expect(
        "compound_columns_to_be_unique",
        0,
        column_list=["same", "nothing"],
        ignore_row_if="any_value_is_missing",
    ),
    expect("compound_columns_to_be_unique", 2, column_list=["group"], quote_columns=True),
    expect("compound_columns_to_be_unique", ERROR, column_list=["id"], ignore_row_if="never"),
    expect("column_pair_values_A_to_be_greater_than_B", 0, column_A="score", column_B="starts"),
    expect("column_pair_values_A_to_be_greater_than_B", 4, column_A="starts", column_B="ends"),
    expect("column_pair_values_A_to_be_greater_than_B", 4, column_A="id", column_B="id"),
    expect(
        "column_pair_values_A_to_be_greater_than_B",
        0,
        column_A="id",
        column_B="id",
        or_equal=True,
    ),
    expect(
        "column_pair_values_A_to_be_greater_than_B",
        1,
        column_A="starts",
        column_B="ends",
        row_condition="id = 1 and team = 'a'",
    ),
    expect("column_pair_values_to_be_equal", 0, column_A="score", column_B="score"),
    expect("column_pair_values_to_be_equal", 3, column_A="name", column_B="code"),
    expect("column_pair_values_to_be_equal", 3, column_A="same", column_B="nothing"),
    expect(
        "column_pair_values_to_be_equal",
        0,
        column_A="id",
        column_B="ends",
        row_condition="id = 1 or id = 2",
    ),
    expect("multicolumn_sum_to_equal", 0, column_list=["starts", "ends"], sum_total=18),
    expect("multicolumn_sum_to_equal", 1, column_list=["starts", "ends"], sum_total=17),
    expect("multicolumn_sum_to_equal", 0, column_list=["score", "starts"], sum_total="60 + 7"),
    expect("multicolumn_sum_to_equal", 1, column_list=["starts"], sum_total=1, group_by=["team"]),
    expect("multicolumn_sum_to_equal", 0, column_list=["id"], sum_total=3, row_condition="id < 3"),
    expect("multicolumn_sum_to_equal", 1, column_list=["score", "id"], sum_total=5, where="id = 4"),
    expect("table_row_count_to_be_between", 0, min_value=4, max_value=4),
    expect("table_row_count_to_be_between", 1, min_value=4, strictly=True),
    expect("table_row_count_to_be_between", 2, min_value=3, group_by=["team"]),
    expect("table_row_count_to_be_between", 0, max_value=3, row_condition="id > 1"),
    expect("table_row_count_to_equal", 0, value=4),
    expect("table_row_count_to_equal", 1, value=5),
    expect("table_row_count_to_equal", 2, value=1, group_by=["team"]),
    expect("table_row_count_to_equal", 0, value=1, group_by=["team"], row_condition="id in (1, 3)"),
    expect("table_row_count_to_equal_other_table", 0, compare_model=PEOPLE),
    expect("table_row_count_to_equal_other_table", 1, compare_model=OTHERS),
    expect("table_row_count_to_equal_other_table", 1, compare_model=OTHERS, group_by=["team"]),
    expect(
        "table_row_count_to_equal_other_table",
        5,
        compare_model=OTHERS,
        group_by=["team"],
        compare_group_by=["upper(team)"],
    ),
    expect(
        "table_row_count_to_equal_other_table",
        0,
        compare_model=OTHERS,
        factor=2,
        row_condition="id < 3",
        compare_row_condition="team = 'c'",
    ),
    expect("table_columns_to_contain_set", 0, column_list=["id", "TEAM"]),
    expect("table_columns_to_contain_set", 2, column_list=["id", "ghost", "spook"], where="id = 1"),
    expect("table_columns_to_contain_set", 0, column_list=["ID"], transform="lower"),
    *(
        expect(
            "table_columns_to_match_ordered_list",
            failures,
            column_list=column_list,
            model="others",
            **options,
        )
        for failures, column_list, options in [
            (0, ["id", "team", "SCORE", "name"], {}),
            (0, ["id", "team", "SCORE", "name"], {"transform": "lower", "where": "id = 1"}),
            (1, ["team", "id", "score", "name"], {}),
            (1, ["id", "team", "score"], {}),
        ]
    ),
    expect("table_column_count_to_equal", 0, value=4, model="others"),
    expect("table_column_count_to_equal", 1, value=5, model="others"),
    expect("column_to_exist", 0, "Score"),
    expect("column_to_exist", 1, "ghost"),
    expect("column_mean_to_be_between", 0, "score", min_value=20, max_value=20),
    expect("column_mean_to_be_between", 1, "score", min_value=20, strictly=True),
    expect("column_mean_to_be_between", 1, "score", max_value=20, group_by=["team"]),
    expect("column_mean_to_be_between", 0, "score", max_value=15, row_condition="id < 3"),
    expect("column_mean_to_be_between", 0, "score", min_value=1, where="id = 4"),
    expect("column_sum_to_be_between", 0, "score", min_value=60, max_value=60),
    expect("column_sum_to_be_between", 1, "score", max_value=60, strictly=True),
    expect("column_sum_to_be_between", 0, "score", min_value=30, group_by=["team"]),
    expect("column_sum_to_be_between", 1, "score", min_value=60, row_condition="id < 3"),
    expect("column_min_to_be_between", 0, "score", min_value=10, max_value=10),
    expect("column_min_to_be_between", 1, "score", min_value=10, strictly=True),
    expect("column_min_to_be_between", 1, "score", max_value=10, group_by=["team"]),
    expect("column_min_to_be_between", 0, "score", min_value=20, row_condition="id > 1"),
    expect("column_max_to_be_between", 0, "day", max_value="cast('2024-01-05' as date)"),
    expect("column_max_to_be_between", 1, "score", max_value=30, strictly=True),
    expect("column_max_to_be_between", 1, "score", min_value=30, group_by=["team"]),
    expect("column_max_to_be_between", 0, "score", max_value=20, row_condition="id < 3"),
    expect("column_median_to_be_between", 0, "score", min_value=20, max_value=20),
    expect("column_median_to_be_between", 1, "score", max_value=20, strictly=True),
    expect("column_median_to_be_between", 1, "score", min_value=20, group_by=["team"]),
    expect("column_median_to_be_between", 0, "id", max_value=1.5, row_condition="id < 3"),
    *(
        expect(
            "column_quantile_values_to_be_between", failures, "score", quantile=quantile, **options
        )
        for failures, quantile, options in [
            (0, 0.25, {"min_value": 15, "max_value": 15}),
            (1, 0.25, {"min_value": 15, "strictly": True}),
            (1, 1, {"max_value": 29}),
            (1, 1, {"min_value": 30, "group_by": ["team"]}),
            (0, 1, {"max_value": 20, "row_condition": "id < 3"}),
        ]
    ),
    *(
        expect("column_proportion_of_unique_values_to_be_between", failures, column, **options)
        for failures, column, options in [
            (0, "team", {"min_value": 0.5, "max_value": 0.5}),
            (1, "team", {"min_value": 0.5, "strictly": True}),
            (0, "same", {"min_value": 0.33, "max_value": 0.34}),
            (0, "nothing", {"min_value": 0.5}),
            (1, "same", {"max_value": 0.5, "group_by": ["team"]}),
            (0, "team", {"min_value": 1, "row_condition": "id in (1, 3)"}),
        ]
    ),
    expect("column_distinct_count_to_be_greater_than", 0, "team", value=1),
    expect("column_distinct_count_to_be_greater_than", 1, "same", value=1, quote_values=False),
    expect("column_distinct_count_to_be_greater_than", 1, "score", value=1, group_by=["team"]),
    expect("column_distinct_count_to_be_greater_than", 1, "id", value=1, row_condition="id = 1"),
    expect("column_distinct_count_to_equal", 0, "same", value=1, quote_values=False),
    expect("column_distinct_count_to_equal", 1, "team", value=3),
    expect("column_distinct_count_to_equal", 1, "score", value=2, group_by=["team"]),
    expect("column_distinct_count_to_equal", 0, "id", value=2, row_condition="id < 3"),
    expect("column_values_to_be_increasing", 0, "id"),
    expect("column_values_to_be_increasing", 0, "score", sort_column="day"),
    expect("column_values_to_be_increasing", 3, "id", sort_column="starts * -1"),
    expect("column_values_to_be_increasing", 2, "team"),
    expect("column_values_to_be_increasing", 0, "team", strictly=False),
    expect("column_values_to_be_increasing", 1, "starts", step=1),
    expect("column_values_to_be_increasing", 0, "starts", step=1, row_condition="id < 4"),
    expect("column_values_to_be_increasing", 1, "starts", step=1, group_by=["team"]),
    expect("column_values_to_be_increasing", 0, "team", group_by=["team", "day"]),
]
CASE_NAMES = {
    f"case_{number:03}_{case.test.split('.')[1]}": case for number, case in enumerate(CASES)
}


@dataclass(frozen=True)
class Build:
    """What one dbt build left behind: failing rows (or `error`) per case, and its database."""

    outcomes: dict[str, int | str]
    output: dict[str, Any]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The result of a query on the tables that dbt built."""
        with closing(self._connect()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    def _connect(self) -> Any:
        if self.output["type"] == "duckdb":
            return duckdb.connect(self.output["path"])
        return psycopg2.connect(**{key: self.output[key] for key in PostgresTarget.__annotations__})


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def build(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Build]:
    """The project, built by dbt on one engine."""
    project = tmp_path_factory.mktemp(request.param)
    output: dict[str, Any] = {"type": request.param, "schema": "main"}
    with ExitStack() as stack:
        if request.param == "duckdb":
            output |= {"path": str(project / "warehouse.duckdb"), "threads": 1}
        else:
            output |= {**stack.enter_context(running_postgres()), "threads": 4}
        _write_project(project, output)
        yield Build(_run_dbt(project), output)


def _write_project(project: Path, output: dict[str, Any]) -> None:
    """A dbt project with the models, a test per case, and the packages in place."""
    shutil.copytree(OFFLINE_PACKAGES, project / "dbt_packages")
    (project / "models").mkdir()
    for name, sql in MODELS.items():
        (project / "models" / f"{name}.sql").write_text(sql)
    _write_yaml(project / "models" / "schema.yml", {"version": 2, "models": _model_tests()})
    _write_yaml(
        project / "profiles.yml",
        {"offline": {"target": "test", "outputs": {"test": output}}},
    )
    _write_yaml(
        project / "dbt_project.yml",
        {
            "name": "offline",
            "profile": "offline",
            "models": {"+materialized": "table"},
            # Warnings, as a failed test would keep dbt from building what depends on its model.
            "data_tests": {"+severity": "warn"},
            "flags": {
                "validate_macro_args": True,
                "require_generic_test_arguments_property": True,
                "send_anonymous_usage_stats": False,
                "warn_error_options": {"error": "all", "warn": ["LogTestResult"]},
            },
        },
    )


def _write_yaml(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content))


def _model_tests() -> list[dict[str, Any]]:
    """The `models` entry of the project's YAML, with every case on its model or column."""
    models = {name: {"name": name, "data_tests": [], "columns": {}} for name in MODELS}
    for name, case in CASE_NAMES.items():
        test: dict[str, Any] = {"name": name, "arguments": case.arguments}
        if case.where:
            test["config"] = {"where": case.where}
        model = models[case.model]
        if case.column is None:
            tests = model["data_tests"]
        else:
            column = {"name": case.column, "data_tests": []}
            tests = model["columns"].setdefault(case.column, column)["data_tests"]
        tests.append({case.test: test})
    return [{**model, "columns": list(model["columns"].values())} for model in models.values()]


def _run_dbt(project: Path) -> dict[str, int | str]:
    """Build the project; the number of failing rows, or `error`, of every test."""
    command = [str(Path(sys.executable).with_name("dbt")), "build"]
    command += ["--project-dir", str(project), "--profiles-dir", str(project)]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DBT_")}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
    results_file = project / "target" / "run_results.json"
    assert results_file.exists(), done.stdout + done.stderr

    outcomes: dict[str, int | str] = {}
    for result in json.loads(results_file.read_text())["results"]:
        kind, _, name = result["unique_id"].split(".")[:3]
        if kind == "test":
            outcomes[name] = ERROR if result["status"] == "error" else result["failures"]
        else:
            assert result["status"] == "success", result["message"]
    return outcomes


def test_each_generic_test_counts_the_failing_rows(build: Build) -> None:
    """Every case, passing, failing or refused, ends as listed."""
    assert build.outcomes == {name: case.failures for name, case in CASE_NAMES.items()}


def test_surrogate_keys_are_md5_of_the_joined_values(build: Build) -> None:
    """Values are joined by dashes and nulls have a marker."""
    null = "_dbt_utils_surrogate_key_null_"
    values = {1: f"1-Ada-{null}", 2: f"2-Bob-{null}", 3: f"3- -{null}", 4: f"4-{null}-{null}"}
    expected = {key: hashlib.md5(text.encode()).hexdigest() for key, text in values.items()}
    assert dict(build.rows("select id, person_key from main.surrogate_keys")) == expected


def test_date_spine_leaves_out_its_end(build: Build) -> None:
    """The spine crosses a leap day and stops before the end date."""
    days = [datetime.date(2024, 2, 28), datetime.date(2024, 2, 29), datetime.date(2024, 3, 1)]
    assert build.rows("select day from main.days order by day") == [(day,) for day in days]


def test_safe_divide_by_zero_is_null(build: Build) -> None:
    """Operands are expressions and a zero below the line gives null."""
    [(quotient, nothing)] = build.rows("select quotient, nothing from main.quotients")
    assert float(quotient) == 1.5
    assert nothing is None


def test_group_by_names_columns_by_position(build: Build) -> None:
    """Grouping by the first two columns counts each combination."""
    rows = build.rows("select team, same, people from main.grouped")
    assert set(rows) == {("a", "x", 2), ("b", "x", 1), ("b", None, 1)}


@pytest.mark.parametrize("model", STAR_COLUMNS)
def test_star_lists_columns(build: Build, model: str) -> None:
    """Exclusion, prefix, suffix, renaming and quoting name the columns of the result."""
    columns = build.rows(
        "select lower(column_name) from information_schema.columns"
        f" where table_schema = 'main' and table_name = '{model}' order by ordinal_position"
    )
    assert [name for (name,) in columns] == STAR_COLUMNS[model]


def test_column_values_are_ordered_filtered_and_limited(build: Build) -> None:
    """Ties of the default order are broken by value; a missing relation gives the default."""
    [values] = build.rows(
        "select by_frequency, newest_first, filtered, limited, defaulted from main.column_values"
    )
    assert values == ("3 1 2 4", "4 3 2 1", "3 4", "1 2", "none")


def test_every_macro_is_covered() -> None:
    """Each macro file is a tested one or a helper that a tested one calls, and none is missing."""
    files = {
        f"{path.parents[1].name}.{path.stem}": path.read_text()
        for path in OFFLINE_PACKAGES.glob("*/macros/*.sql")
    }
    called = _calls("".join(MODELS.values())) | {case.test for case in CASES}
    covered: set[str] = set()
    while called - covered:
        name = (called - covered).pop()
        covered.add(name)
        called |= _calls(files.get(name, ""))
    assert covered == set(files)


@pytest.mark.parametrize("test", sorted({case.test for case in CASES}))
def test_every_generic_test_is_seen_to_pass_and_to_fail(test: str) -> None:
    """One passing and one failing use at least."""
    failures = {case.failures for case in CASES if case.test == test} - {ERROR}
    assert 0 in failures
    assert failures > {0}


def _calls(text: str) -> set[str]:
    """The package macros that a Jinja text calls."""
    return set(re.findall(r"\b(dbt_(?:utils|expectations)\.\w+)\(", text))
