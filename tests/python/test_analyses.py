"""The worked questions of analyses/ have answers, the same on both engines; so has the notebook."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import nbformat
import pytest
import yaml
from test_engines_agree import TOLERANCE
from warehouse import ENGINES, PROJECT, Warehouse

sys.path.insert(0, str(PROJECT / "scripts"))
ask = importlib.import_module("ask")
run_notebook = importlib.import_module("run_notebook")

ANALYSES = PROJECT / "analyses"
QUESTIONS = sorted(path.stem for path in ANALYSES.glob("*.sql"))

Build = Callable[[str], Warehouse]
Row = dict[str, Any]
Answers = dict[str, dict[str, list[Row]]]

# What the table of analyses/README.md says of the sample shop, from the rows of each answer.
ON_THE_SAMPLE: dict[str, Callable[[list[Row]], str]] = {
    "win_back_mail": lambda rows: (
        f"The first ten of {len(rows)} customers would bring "
        f"{sum(row['value_if_back'] for row in rows[:10]):,.0f} a year if they came back."
    ),
    "next_order_nudge": lambda rows: (
        f"From day {rows[0]['remind_from_day']} to {rows[0]['remind_to_day']} after the first "
        f"order: {rows[0]['due_today']} customers today."
    ),
    "less_churn_worth": lambda rows: (
        f"{rows[1]['extra_revenue']:,.0f} of revenue and {rows[1]['extra_margin']:,.0f} of margin "
        f"in a year; keeping a customer may cost {rows[1]['margin_per_customer_kept']:,.0f}."
    ),
    "first_purchases_that_last": lambda rows: "; ".join(
        f"{row['category']}: {percent(row['repeat_rate'])} come back within half a year, of the "
        f"others {percent(row['repeat_rate_of_others'])}."
        for row in rows
        if row["verdict"] == "comes back clearly more often"
    ),
    "next_advertising_money": lambda rows: (
        f"More for {named(row['channel'] for row in rows if row['verdict'] == 'more')}, whose "
        f"customers bring back {rows[1]['margin_to_cost']:.0f} times their cost and better."
    ),
    "coupons_to_keep": lambda rows: (
        f"{rows[0]['coupon_code']} gave {percent(rows[0]['existing_order_share'])} of its orders "
        f"to customers the shop had, and {rows[0]['discount_per_new_customer']:.0f} per new one."
    ),
    "products_to_bundle": lambda rows: (
        f"{rows[0]['product_name']} with {rows[0]['other_product_name']}: pays once "
        f"{percent(rows[0]['take_up_to_pay'], 1)} of those who buy one take both."
    ),
    "slowing_categories": lambda rows: (
        f"{rows[0]['category']}: {percent(rows[0]['revenue_growth'])} on the year before, "
        f"{-rows[0]['against_the_shop'] * 100:.0f} percentage points behind the shop."
    ),
    "products_to_fix": lambda rows: (
        f"{rows[0]['product_name']}: {percent(rows[0]['refund_rate'])} of its sales given back, "
        f"{rows[0]['avg_rating']:.1f} stars, complaints of {rows[0]['main_complaint']}."
    ),
    "goods_to_reorder": lambda rows: (
        f"{len(rows)} products for {rows[-1]['running_cost']:,.0f}; "
        f"{rows[0]['product_name']} first."
    ),
    "stock_to_clear": lambda rows: (
        f"{sum(row['money_tied_up'] for row in rows):,.0f} lie in surplus stock, "
        f"{rows[0]['money_tied_up']:,.0f} in {rows[0]['product_name']} alone."
    ),
    "checkout_leaks": lambda rows: (
        f"At {rows[0]['step']} on {rows[0]['device']}: {percent(rows[0]['rate'])} get there, "
        f"{percent(rows[0]['best_rate'])} on {rows[0]['best_at']}; worth "
        f"{rows[0]['extra_sales']:,.0f} in 90 days."
    ),
    "cart_reminder_delay": lambda rows: (
        f"After an hour {percent(rows[0]['needless_share'])} of the mails would be needless, after "
        f"three days still {percent(rows[6]['needless_share'])}."
    ),
    "support_topics_to_fix": lambda rows: (
        f"{rows[0]['topic'].capitalize()}: {rows[0]['tickets']} tickets in six months, "
        f"{rows[0]['tickets_per_100_orders']} per 100 orders after "
        f"{rows[0]['previously_per_100_orders']}."
    ),
    "what_went_wrong": lambda rows: "; ".join(
        f"{row['metric']} on {row['last_day']:%d %B %Y}: {row['where_to_look']}" for row in rows[:3]
    ),
    "why_sales_moved": lambda rows: (
        f"{rows[0]['sale_month']:%B %Y}: {rows[0]['net_sales_change']:+,.0f}, mostly by "
        f"{rows[0]['main_driver']}; the season alone would have made "
        f"{rows[0]['season_effect']:+,.0f}."
    ),
    "sales_ahead": lambda rows: (
        f"{sum(row['verdict'] == 'more, very likely' for row in rows)} of {len(rows)} months "
        f"very likely beat last year's, {sum(row['verdict'] == 'more, likely' for row in rows)} "
        f"more probably do."
    ),
}


def named(names: Sequence[str]) -> str:
    """Names joined as in a sentence."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def percent(share: Any, digits: int = 0) -> str:
    """A share in percent."""
    return f"{share * 100:.{digits}f} %"


@pytest.fixture(scope="module")
def compiled(sample_shop: Build) -> dict[str, dict[str, str]]:
    """The SQL of every analysis as dbt compiles it for each engine."""
    sql = {}
    for engine in ENGINES:
        warehouse = sample_shop(engine)
        # show compiles, then runs; the artifacts of the build stay what they are
        run = warehouse.dbt("--no-write-json", "show", "--select", "resource_type:analysis")
        assert run.exit_code == 0, run.output[-6000:]
        (folder,) = (warehouse.folder / "target" / "compiled").glob("*/analyses")
        sql[engine] = {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.sql"))}
    return sql


@pytest.fixture(scope="module")
def answers(compiled: dict[str, dict[str, str]], sample_shop: Build) -> Answers:
    """The rows of every analysis on the sample shop, by engine."""
    found: Answers = {}
    for engine in ENGINES:
        with closing(sample_shop(engine).connect()) as connection:
            found[engine] = {name: rows(connection, sql) for name, sql in compiled[engine].items()}
    return found


def rows(connection: Any, sql: str) -> list[Row]:
    """The rows of a query as dictionaries."""
    cursor = connection.cursor()
    cursor.execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def same(ours: Any, theirs: Any) -> bool:
    """Whether two values are equal; floats within what engines may differ by."""
    if isinstance(ours, float) and isinstance(theirs, float):
        return abs(ours - theirs) <= TOLERANCE * max(abs(ours), abs(theirs))
    return ours == theirs and type(ours) is type(theirs)


def test_questions_are_asked_and_described() -> None:
    """Each begins with its question, how to read the answer and what it reads, and is described."""
    assert len(QUESTIONS) >= 15
    described = yaml.safe_load((ANALYSES / "_analyses.yml").read_text("utf-8"))["analyses"]
    assert sorted(analysis["name"] for analysis in described) == QUESTIONS
    assert all("?" in analysis["description"] for analysis in described)
    for name in QUESTIONS:
        comment, _, sql = (ANALYSES / f"{name}.sql").read_text("utf-8").partition("\nwith\n")
        assert re.match(r"-- [A-Z].*\?\n-- How to read it: ", comment), name
        text = re.sub(r"\s*\n--\s*", " ", comment)
        (reads,) = re.findall(r" Reads ([a-z_, ]+)\.", text)
        refs = set(re.findall(r"ref\('([a-z_]+)'\)", sql))
        assert set(reads.split(", ")) == refs, name


def test_ask_prints_a_table() -> None:
    """Questions are listed with how to read them; numbers of a table stand to the right."""
    known = ask.questions()
    assert sorted(known) == QUESTIONS
    assert known["sales_ahead"].splitlines()[0].endswith("beat last year's?")
    assert not any(line.startswith("--") for line in known["sales_ahead"].splitlines())
    assert ask.table(
        [{"name": "a", "n": 10}, {"name": "long", "n": None}, {"name": "b", "n": 2}]
    ) == ("name   n\na     10\nlong\nb      2")
    assert ask.table([]) == "The shop has no data for an answer."


def test_every_question_has_an_answer(answers: Answers) -> None:
    """On the sample shop every question has one, of at most fifty rows."""
    for engine in ENGINES:
        assert sorted(answers[engine]) == QUESTIONS
        counts = {name: len(found) for name, found in answers[engine].items()}
        assert all(1 <= count <= 50 for count in counts.values()), counts


def test_answers_are_equal(answers: Answers) -> None:
    """Both engines give the same columns and rows in the same order."""
    for name in QUESTIONS:
        ours, theirs = (answers[engine][name] for engine in ENGINES)
        assert len(ours) == len(theirs), name
        for number, (our_row, their_row) in enumerate(zip(ours, theirs, strict=True)):
            assert list(our_row) == list(their_row), name
            differing = {
                column: (value, their_row[column])
                for column, value in our_row.items()
                if not same(value, their_row[column])
            }
            assert not differing, f"{name}, row {number}"


def test_readme_answers_the_questions(answers: Answers) -> None:
    """The table in the README asks every question and tells the sample shop's answer to it."""
    assert sorted(ON_THE_SAMPLE) == QUESTIONS
    lines = {}
    for name, tell in ON_THE_SAMPLE.items():
        question = (ANALYSES / f"{name}.sql").read_text("utf-8").partition("\n")[0]
        answer = tell(answers["duckdb"][name])
        lines[name] = f"| [{name}]({name}.sql) | {question.removeprefix('-- ')} | {answer} |"
    readme = (ANALYSES / "README.md").read_text("utf-8").splitlines()
    stale = [line for line in lines.values() if line not in readme]
    assert not stale, "analyses/README.md should say:\n" + "\n".join(stale)


def test_less_churn_is_worth_what_a_simulation_gives(answers: Answers, sample_shop: Build) -> None:
    """The closed form is a year of months in which customers come and go one after the other."""
    opening, new, back, lost, lost_revenue, customers = map(
        float,
        sample_shop("duckdb").query(
            "select sum(opening_customers), sum(new_customers), sum(resurrected_customers), "
            "sum(churned_customers), sum(churned_revenue), max_by(closing_customers, growth_month) "
            "from (select * from analytics.growth_accounting where is_complete "
            "order by growth_month desc limit 12)"
        )[0],
    )

    def year(churn: float) -> tuple[float, float]:
        """Months with a customer, and customers kept."""
        active, months, kept = customers, 0.0, 0.0
        for _ in range(12):
            kept += active * ((lost - back) / opening - churn)
            active += new / 12 - active * churn
            months += active
        return months, kept

    revenue_per_month = lost_revenue / lost * 365.25 / 12 / 90
    for row in answers["duckdb"]["less_churn_worth"]:
        months, kept = year((lost - back) / opening * (1 - float(row["churn_cut"])))
        extra = (months - year((lost - back) / opening)[0]) * revenue_per_month
        assert float(row["extra_revenue"]) == pytest.approx(extra, abs=0.01)
        assert float(row["customers_kept"]) == pytest.approx(kept, abs=0.01)


def test_answers_hold_together(answers: Answers) -> None:
    """What follows from how an answer is made is true of it."""
    found = answers["duckdb"]
    # a bundle gains where fewer must take it than are taken to
    assert all(
        (row["gain"] > 0) == (row["take_up_to_pay"] is not None and row["take_up_to_pay"] < 0.1)
        for row in found["products_to_bundle"]
    )
    # every category that sold before is compared
    shares = [row["previous_revenue_share"] for row in found["slowing_categories"]]
    assert float(sum(shares)) == pytest.approx(1, abs=1e-5)
    # the effects are the change, and the season's part leaves the rest
    for row in found["why_sales_moved"]:
        effects = [row[f"{name}_effect"] for name in ("customers", "frequency", "basket", "price")]
        assert sum(effects) == row["net_sales_change"]
        assert row["season_effect"] + row["beyond_season"] == row["net_sales_change"]
    # waiting only ever closes carts
    carts = [row["open_carts"] for row in found["cart_reminder_delay"]]
    assert carts == sorted(carts, reverse=True)
    assert all(0 < row["surplus_units"] <= row["units_on_hand"] for row in found["stock_to_clear"])
    # nobody is offered what too many send back
    disappointing = {row["product_name"] for row in found["products_to_fix"][:1]}
    assert not disappointing & {row["offer"] for row in found["win_back_mail"]}


def test_answers_on_real_data(compiled: dict[str, dict[str, str]], online_retail: Build) -> None:
    """A shop that delivers less has answers to what it knows, and no rows for the rest."""
    with closing(online_retail("duckdb").connect()) as connection:
        counts = {name: len(rows(connection, sql)) for name, sql in compiled["duckdb"].items()}
    unknown = {name for name, count in counts.items() if not count}
    assert unknown == {
        "cart_reminder_delay",
        "checkout_leaks",
        "goods_to_reorder",
        "products_to_fix",
        "stock_to_clear",
        "support_topics_to_fix",
    }


def test_an_empty_shop_has_no_answers(
    compiled: dict[str, dict[str, str]], sample_shop: Build
) -> None:
    """Marts without rows are no error, and nothing but marts is read."""
    with closing(duckdb.connect()) as connection:
        connection.execute(f"attach '{sample_shop('duckdb').file}' as built (read_only)")
        connection.execute("attach ':memory:' as warehouse")
        for schema, table, columns in connection.execute(
            "select schema_name, table_name, "
            "string_agg(column_name || ' ' || data_type, ', ' order by column_index) "
            "from duckdb_columns() where database_name = 'built' "
            "and schema_name in ('analytics', 'quality') group by all"
        ).fetchall():
            connection.execute(f"create schema if not exists warehouse.{schema}")
            connection.execute(f"create table warehouse.{schema}.{table} ({columns})")
        counts = {name: len(rows(connection, sql)) for name, sql in compiled["duckdb"].items()}
    assert not any(counts.values()), counts


@pytest.mark.parametrize("shop", ["sample_shop", "online_retail"])
def test_notebook_runs(shop: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """It runs on marts of any shop without a warning; on the sample shop it says what was saved."""
    # a warehouse has the schemas of a publication
    (tmp_path / "marts.duckdb").symlink_to(request.getfixturevalue(shop)("duckdb").file)
    saved = nbformat.read(run_notebook.NOTEBOOK, as_version=4)
    executed = run_notebook.run_notebook(saved, tmp_path)
    shown = texts(executed)
    assert sum("<Figure" in text for text in shown) == 8
    if shop == "sample_shop":
        assert shown == texts(saved), "the notebook is stale: run `make notebook`"


def texts(notebook: nbformat.NotebookNode) -> list[str]:
    """What a notebook says in words, output by output."""
    return [
        output["data"].get("text/markdown", output["data"]["text/plain"])
        if "data" in output
        else str(output)
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    ]


def test_notebook_is_saved_without_traces() -> None:
    """It is small, executed from the top, and without times, paths or messages of the run."""
    text = run_notebook.NOTEBOOK.read_text("utf-8")
    assert len(text) < 600_000
    assert not re.search(r'"(execution|version|stderr)"|/tmp/|/home/|\.venv|site-packages', text)
    notebook = nbformat.read(run_notebook.NOTEBOOK, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
