// The boxes of a page: key figures, tables, charts, and what they say when they are empty.

/** The box of an item, empty as yet. */
function frame(item) {
  const follows = item.follows.length ? `Follows ${listed(item.follows)}.` : "Follows no filter.";
  const names = item.marts.flatMap((mart, at) => [at ? ", " : "", make("code", {}, mart)]);
  return make(
    "article",
    {
      class: item.wide ? "item wide" : "item",
      id: `item-${item.id}`,
      "aria-labelledby": `title-${item.id}`,
    },
    make(
      "div",
      {},
      make("h3", { id: `title-${item.id}` }, item.title),
      make("p", { class: "definition" }, item.definition),
    ),
    make("p", { class: "hint", "data-hint": "", hidden: "" }),
    item.id === "rules" ? rulesTools() : null,
    make("div", { "data-body": "" }),
    make("p", { class: "source" }, ...(names.length ? ["From ", ...names, ". "] : []), follows),
  );
}

const listed = (names) =>
  names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names[0];

function drawItem(item) {
  const box = byId(`item-${item.id}`);
  const body = box.querySelector("[data-body]");
  const hint = box.querySelector("[data-hint]");
  hint.textContent = unfollowed(item);
  hint.hidden = !hint.textContent;
  if (item.id === "checks") return body.replaceChildren(checkCards());
  const data = made(item, filtersOf(item));
  if (!data.rows.length) {
    body.redraw = null;
    return body.replaceChildren(make("p", { class: "empty" }, emptyText(item)));
  }
  if (item.kind === "cards") return body.replaceChildren(keyCards(filtersOf(item)));
  if (item.kind === "table") {
    if (!body.redraw) body.replaceChildren();
    return drawTable(body, item.id, item.title, item.columns, data.rows, item.search);
  }
  drawChart(item, body, data);
}

/** What to say of filters that are set and that the item cannot follow. */
function unfollowed(item) {
  const said = [];
  const set = [];
  if (state.category && !item.follows.includes("category"))
    set.push(`all categories (not ${state.category} alone)`);
  if (state.country && !item.follows.includes("country"))
    set.push(`all countries (not ${state.country} alone)`);
  if (item.data === "product_sales" || (item.id === "categories" && state.category)) {
    if (!tables.product_sales.says("has_all_products")) set.push("the 1,000 best products");
    if (!tables.product_sales.says("has_countries") && state.country)
      set.push("all countries, as the shop has too many products to keep them apart");
  }
  const found = about.rows.market_basket_rules;
  if (item.data === "rules" && found > tables.rules.rows) {
    set.push(`the ${formats.count(tables.rules.rows)} strongest of ${formats.count(found)} rules`);
  }
  if (item.id === "kpis" && tables.kpis.rows) {
    const { period_start, period_end } = tables.kpis.row(0);
    said.push(`${period_start} to ${period_end}, whatever period is chosen.`);
  }
  if (set.length) said.push(`Shows ${set.join(" and ")}.`);
  return said.join(" ");
}

/** Why an item shows nothing: its mart is empty, or the filters leave nothing. */
function emptyText(item) {
  const [mart] = item.marts;
  if (about.rows[mart] === 0) return `${item.empty} (${mart} has no rows.)`;
  const all =
    item.data === "rules"
      ? tables.rules.list({})
      : made(item, { from: months[0], to: lastMonth }).rows;
  return all.length ? "Nothing under these filters." : item.empty;
}

function keyCards(filters) {
  const now = keyFigures(filters);
  const before = filtersBefore(filters);
  const then = before && keyFigures(before);
  return make(
    "dl",
    { class: "cards" },
    ...CARDS.map((card) => {
      const [name, label, format] = card;
      const value = now[name];
      return make(
        "div",
        { class: "card", "data-card": name, "data-value": value ?? "" },
        make("dt", {}, label),
        make("dd", { class: "value" }, show(value, format)),
        make("dd", { class: "change" }, ...change(card, now, then, filters)),
      );
    }),
  );
}

/** The change of a card in words: points for shares, per cent for the rest. */
function change([name, , format, wish], now, then, filters) {
  const value = now[name];
  const past = then?.[name] ?? null;
  if (value === null) return [now.orders ? (WHY_UNKNOWN[name] ?? "not known") : "no orders"];
  if (!then) return [whyNotCompared(filters)];
  const difference =
    format === "share" ? (past === null ? null : value - past) : growth(value, past);
  if (difference === null) return ["nothing to compare with"];
  const points = number(1, { signDisplay: "exceptZero" });
  const text =
    format === "share" ? `${points(difference * 100)} points` : formats.growth(difference);
  const feel = Math.abs(difference) < 0.0005 ? "" : difference * wish > 0 ? "good" : "bad";
  return [make("span", { class: feel }, text), ` against ${show(past, format)}`];
}

function checkCards() {
  const tests = about.tests ?? {};
  const unexplained = tables.ledger.total({}, ["unexplained_amount"]).unexplained_amount;
  const cards = [
    ["Tests passed", show(tests.passed ?? null, "count")],
    ["Tests with a warning", show(tests.warned ?? null, "count")],
    ["Tests failed", show(tests.failed ?? null, "count")],
    [
      "Rows rejected",
      show(tables.rejected.total({}, ["rows_rejected"]).rows_rejected ?? 0, "count"),
    ],
    ["Totals against lines", show(unexplained, "money")],
  ];
  return make(
    "dl",
    { class: "cards" },
    ...cards.map(([label, value]) =>
      make("div", { class: "card" }, make("dt", {}, label), make("dd", { class: "value" }, value)),
    ),
  );
}

function rulesTools() {
  const redraw = () => ["rules", "rules_map"].forEach((id) => drawItem(items[id]));
  const input = (label, name, step) =>
    make(
      "label",
      {},
      label,
      make("input", {
        type: "number",
        min: "0",
        step,
        value: name === "confidence" ? rulesChoice[name] * 100 : rulesChoice[name],
        id: `rules-${name}`,
        oninput: (event) => {
          rulesChoice[name] = Number(event.target.value) / (name === "confidence" ? 100 : 1);
          redraw();
        },
      }),
    );
  return make(
    "div",
    { class: "tools" },
    input("Lift at least", "lift", "1"),
    input("Confidence at least, %", "confidence", "5"),
    make(
      "label",
      { class: "check" },
      make("input", {
        type: "checkbox",
        id: "rules-simple",
        checked: "",
        onchange: (event) => {
          rulesChoice.simple = event.target.checked;
          redraw();
        },
      }),
      "without redundant rules",
    ),
  );
}
