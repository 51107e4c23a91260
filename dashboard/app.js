// The dashboard's own code: filters, sums, tables and the drawing of charts. No library but Vega.
//
// The page carries columns of small tables (see marts.py). An item's rows are made from its table:
// filtered by the filters it follows, grouped and summed, or by a function in `views`. Amounts are
// whole hundredths until they are shown, so that sums are exact.

const { about, pages, tables: encoded } = JSON.parse(document.getElementById("data").textContent);
const items = Object.fromEntries(pages.flatMap((page) => page.items.map((item) => [item.id, item])));
const byId = (id) => document.getElementById(id);

// --- tables ------------------------------------------------------------------------------------

/** A table by columns: the value of a cell, and what a filter needs to be quick. */
class Table {
  constructor({ rows, version, columns }) {
    Object.assign(this, { rows, version, columns });
  }

  has(name) {
    return name in this.columns;
  }

  /** The value as it is shown; amounts in whole units. */
  value(name, row) {
    const { hundredths, numbers, texts, places } = this.columns[name];
    if (texts) return places[row] < 0 ? null : texts[places[row]];
    if (numbers) return numbers[row];
    return hundredths[row] === null ? null : hundredths[row] / 100;
  }

  /** The value to add up: amounts in hundredths. */
  exact(name, row) {
    const column = this.columns[name];
    return (column.hundredths ?? column.numbers)?.[row] ?? null;
  }

  scale(name) {
    return this.columns[name].hundredths ? 100 : 1;
  }

  row(row) {
    return Object.fromEntries(Object.keys(this.columns).map((name) => [name, this.value(name, row)]));
  }

  /** A function that says of a row whether it passes the filters. */
  passes(filters) {
    const tests = [];
    if (filters.from && this.has("month")) {
      tests.push(this.textTest("month", (month) => month >= filters.from && month <= filters.to));
    }
    if (filters.category && this.has("category")) {
      tests.push(this.textTest("category", (name) => name === filters.category));
    }
    if (filters.category && this.has("categories")) {
      const number = String(categoryNumber(filters.category));
      tests.push(this.textTest("categories", (set) => set.split(" ").includes(number)));
    }
    if (filters.country && this.has("country")) {
      tests.push(this.textTest("country", (name) => name === filters.country));
    }
    return (row) => tests.every((test) => test(row));
  }

  textTest(name, wanted) {
    const { texts = [], places } = this.columns[name];
    const allowed = texts.map(wanted);
    return (row) => Boolean(places && allowed[places[row]]);
  }

  /** Rows grouped by columns, with sums; a sum of nothing known is null. */
  sums(filters, group, names) {
    const passes = this.passes(filters);
    const groups = new Map();
    for (let row = 0; row < this.rows; row++) {
      if (!passes(row)) continue;
      const keys = group.map((name) => this.value(name, row));
      const key = keys.join("\u0000");
      let sum = groups.get(key);
      if (!sum) {
        sum = { ...Object.fromEntries(group.map((name, at) => [name, keys[at]])), ...empty(names) };
        groups.set(key, sum);
      }
      for (const name of names) {
        const value = this.exact(name, row);
        if (value !== null) sum[name] = (sum[name] ?? 0) + value;
      }
    }
    const result = [...groups.values()];
    for (const name of names) {
      const scale = this.scale(name);
      for (const sum of result) if (sum[name] !== null) sum[name] /= scale;
    }
    return result;
  }

  /** The one row of sums over everything that passes. */
  total(filters, names) {
    return this.sums(filters, [], names)[0] ?? empty(names);
  }

  list(filters) {
    const passes = this.passes(filters);
    const rows = [];
    for (let row = 0; row < this.rows; row++) if (passes(row)) rows.push(this.row(row));
    return rows;
  }
}

const empty = (names) => Object.fromEntries(names.map((name) => [name, null]));
const tables = Object.fromEntries(
  Object.entries(encoded).map(([name, table]) => [name, new Table(table)]),
);
const categories = tables.categories.list({}).map((row) => row.category);
const categoryNumber = (name) => categories.indexOf(name) + 1;

// --- time --------------------------------------------------------------------------------------

const months = tables.months.list({}).map((row) => row.month);
const isOver = Object.fromEntries(tables.months.list({}).map((row) => [row.month, row.is_complete]));
const lastMonth = months.at(-1);
const lastComplete = months.filter((month) => isOver[month]).at(-1) ?? lastMonth;

function monthLater(month, count) {
  const [year, number] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + count, 1)).toISOString().slice(0, 10);
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const monthLabel = (month) => `${MONTHS[Number(month.slice(5, 7)) - 1]} ${month.slice(0, 4)}`;
const earliest = (month) => (months[0] && month < months[0] ? months[0] : month);

const PERIODS = {
  year: ["Last 12 complete months", () => [earliest(monthLater(lastComplete, -11)), lastComplete]],
  quarter: ["Last 3 complete months", () => [earliest(monthLater(lastComplete, -2)), lastComplete]],
  month: ["Last complete month", () => [lastComplete, lastComplete]],
  to_date: ["This year so far", () => [earliest(`${lastMonth.slice(0, 4)}-01-01`), lastMonth]],
  all: ["Everything", () => [months[0], lastMonth]],
  own: ["Own choice", null],
};

// --- state -------------------------------------------------------------------------------------

const state = { period: "year", from: null, to: null, category: "", country: "" };
const rulesChoice = { lift: 1, confidence: 0, simple: true };

function choosePeriod(name) {
  state.period = name;
  if (months.length && PERIODS[name][1]) [state.from, state.to] = PERIODS[name][1]();
}
choosePeriod("year");

/** The filters an item follows. */
function filtersOf(item) {
  const filters = {};
  if (item.follows.includes("period")) Object.assign(filters, { from: state.from, to: state.to });
  if (item.follows.includes("category")) filters.category = state.category;
  if (item.follows.includes("country")) filters.country = state.country;
  return filters;
}

/** The same filters as many months earlier; null where the shop is younger than that. */
function filtersBefore(filters) {
  if (!filters.from) return null;
  const length = months.indexOf(filters.to) - months.indexOf(filters.from) + 1;
  const from = monthLater(filters.from, -length);
  if (from < months[0] || !isOver[filters.to]) return null;
  return { ...filters, from, to: monthLater(filters.to, -length) };
}

/** Why there is no comparison. */
function whyNotCompared(filters) {
  if (!isOver[filters.to]) return `${monthLabel(filters.to)} is not over`;
  return "no full period before";
}

const monthsOf = (filters) =>
  months.filter((month) => !filters.from || (month >= filters.from && month <= filters.to));

// --- numbers -----------------------------------------------------------------------------------

const number = (digits, options = {}) => {
  const format = new Intl.NumberFormat("en-GB", {
    minimumFractionDigits: digits, maximumFractionDigits: digits, ...options,
  });
  return (value) => format.format(value);
};
const percent = (digits, options = {}) => number(digits, { style: "percent", ...options });
const formats = {
  money: number(2),
  count: number(0),
  share: percent(1),
  share2: percent(2),
  growth: percent(1, { signDisplay: "exceptZero" }),
  number: number(2),
  tenths: number(1),
  plain: new Intl.NumberFormat("en-GB", { maximumFractionDigits: 2 }).format,
  ratio: number(2),
  text: String,
  date: String,
  month: monthLabel,
  code: (text) => text.replaceAll("_", " "),
  yesno: (value) => (value ? "yes" : "no"),
};
const FIGURES = new Set(["money", "count", "share", "share2", "growth", "number", "tenths", "plain", "by_unit"]);
const DATES = new Set(["date", "month"]);
const divide = (one, other) => (one === null || !other ? null : one / other);
const growth = (now, before) => (now === null || !(before > 0) ? null : now / before - 1);
const cents = (amount) => Math.round(amount * 100);
const minus = (one, other) => (one === null ? null : (cents(one) - cents(other ?? 0)) / 100);

function show(value, format, row) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  return formats[format === "by_unit" ? row.unit : format](value);
}

// --- rows of items -----------------------------------------------------------------------------

const salesSums = ["gross_sales", "net_sales", "refunds", "cost_of_goods_sold", "units"];
const customersKnown = tables.orders.version === 0;
const refundsKnown = about.rows.fct_refunds !== 0;

/** Sums of the sales table with what follows from them. */
function withRevenue(row) {
  const net_revenue = minus(row.net_sales, row.refunds);
  const known = row.cost_of_goods_sold !== null;
  return { ...row, net_revenue, gross_margin: known ? minus(net_revenue, row.cost_of_goods_sold) : null };
}

/** Key figures of orders and customers under the filters. */
function keyFigures(filters) {
  const sales = withRevenue(tables.sales.total(filters, salesSums));
  const orders = tables.orders;
  const passes = orders.passes(filters);
  const ordersEver = new Map();
  const active = new Set();
  let count = 0;
  let first = 0;
  for (let row = 0; row < orders.rows; row++) {
    const customer = orders.value("customer", row);
    const number = orders.value("orders", row);
    if (customer !== null && orders.value("month", row) <= filters.to) {
      ordersEver.set(customer, (ordersEver.get(customer) ?? 0) + number);
    }
    if (!passes(row)) continue;
    count += number;
    first += orders.value("is_first", row) * number;
    if (customer !== null) active.add(customer);
  }
  const repeating = [...active].filter((customer) => ordersEver.get(customer) > 1).length;
  return {
    net_revenue: sales.net_revenue ?? 0,
    orders: count,
    order_value: divide(sales.net_sales, count),
    gross_margin_rate: divide(sales.gross_margin, sales.net_revenue),
    refund_rate: refundsKnown ? divide(sales.refunds, sales.net_sales) : null,
    active_customers: customersKnown ? active.size : null,
    new_customers: first,
    repeat_rate: customersKnown ? divide(repeating, active.size) : null,
  };
}

const CARDS = [
  ["net_revenue", "Net revenue", "money", 1],
  ["orders", "Orders", "count", 1],
  ["order_value", "Order value", "money", 1],
  ["gross_margin_rate", "Gross margin", "share", 1],
  ["refund_rate", "Refund rate", "share", -1],
  ["active_customers", "Active customers", "count", 1],
  ["new_customers", "New customers", "count", 1],
  ["repeat_rate", "Repeat customers", "share", 1],
];

const WHY_UNKNOWN = {
  gross_margin_rate: "no costs delivered",
  refund_rate: "no refunds delivered",
  active_customers: "too many customers to count here",
  repeat_rate: customersKnown ? "no customer known" : "too many customers to count here",
};

const monthState = (month) => (isOver[month] ? "month over" : "month still running");
const withMonth = (row) => ({
  ...row, label: monthLabel(row.month), is_complete: isOver[row.month] ?? false, state: monthState(row.month),
});
const byMonth = (one, other) => (one.month < other.month ? -1 : 1);
const share = (rows, name, as = "share") => {
  const total = rows.reduce((sum, row) => sum + (row[name] ?? 0), 0);
  return rows.map((row) => ({ ...row, [as]: divide(row[name], total) }));
};
const strength = (rows, name) => {
  const most = Math.max(...rows.map((row) => row[name]));
  return rows.map((row) => ({ ...row, strength: most > 0 ? row[name] / most : 0 }));
};

/** Rows with the amount of the period before and the change. */
function compared(rows, key, before, name) {
  const old = new Map((before ?? []).map((row) => [key(row), row[name]]));
  return rows.map((row) => {
    const past = before ? (old.get(key(row)) ?? 0) : null;
    return { ...row, before: past, change: growth(row[name], past) };
  });
}

/** Products' sales with their names and categories; a category is filtered here, by product. */
const productOf = new Map(tables.products.list({}).map((row) => [row.product_id, row]));
function productSales(filters) {
  return tables.product_sales
    .sums(filters, ["product_id"], ["net_sales", "refunds", "cost_of_goods_sold", "units", "orders"])
    .map((row) => ({ ...productOf.get(row.product_id), ...withRevenue(row) }))
    .filter((row) => !filters.category || row.category === filters.category);
}

/** Amounts added up over rows of the same key, exactly. */
function added(rows, key, names) {
  const groups = new Map();
  for (const row of rows) {
    const sum = groups.get(key(row)) ?? { ...row, ...Object.fromEntries(names.map((name) => [name, 0])) };
    for (const name of names) sum[name] += cents(row[name] ?? 0);
    groups.set(key(row), sum);
  }
  return [...groups.values()].map((row) => ({
    ...row, ...Object.fromEntries(names.map((name) => [name, row[name] / 100])),
  }));
}

const top = (rows, name, count) => [...rows].sort((one, other) => other[name] - one[name]).slice(0, count);

const views = {
  revenue(item, filters) {
    const orders = new Map(tables.orders.sums(filters, ["month"], ["orders"]).map((row) => [row.month, row.orders]));
    const whole = { ...filters, from: months[0], to: lastMonth };
    const revenue = new Map(
      tables.sales.sums(whole, ["month"], salesSums).map((row) => [row.month, withRevenue(row).net_revenue]),
    );
    const rows = monthsOf(filters).map((month) => {
      const past = monthLater(month, -12);
      return withMonth({
        month,
        net_revenue: revenue.get(month) ?? 0,
        orders: orders.get(month) ?? 0,
        year_before: past >= months[0] ? (revenue.get(past) ?? 0) : null,
      });
    });
    const ahead = !filters.category && !filters.country && filters.to >= lastComplete;
    return { rows, forecast: ahead ? tables.forecast.list({}).map(withMonth) : [] };
  },
  bridge(item, filters) {
    const effects = {
      customers_effect: "customers", frequency_effect: "orders per customer",
      basket_effect: "units per order", price_effect: "price per unit",
    };
    const list = tables.bridge.list(filters).map(withMonth);
    const rows = list.flatMap((row) =>
      Object.entries(effects).map(([name, effect]) => ({ month: row.month, label: row.label, effect, amount: row[name] })),
    );
    return { rows, totals: list };
  },
  anomalies(item, filters) {
    return tables.anomalies.list(filters).reverse().map((row) => ({
      ...row,
      explained_by: row.explaining_value && explained(row.explaining_dimension, row.explaining_value),
    }));
  },
  rfm(item, filters) {
    const segments = new Map();
    for (const row of tables.segments.sums(filters, ["recency_score", "frequency_score", "segment"], [])) {
      const key = `${row.recency_score} ${row.frequency_score}`;
      segments.set(key, [...(segments.get(key) ?? []), row.segment]);
    }
    const rows = generic(item, filters).map((row) => ({
      ...row,
      mean: divide(row.monetary, row.customers),
      segments: segments.get(`${row.recency_score} ${row.frequency_score}`).join(", "),
    }));
    return strength(rows, "monetary");
  },
  segments(item, filters) {
    const rows = generic(item, filters).map((row) => ({ ...row, count: row.customers }));
    return share(share(rows, "count", "customers"), "monetary", "net revenue");
  },
  migration(item, filters) {
    const newest = tables.migration.list(filters).at(-1)?.month;
    return newest ? tables.migration.list({ from: newest, to: newest }).map(withMonth) : [];
  },
  cohorts(item, filters) {
    return tables.cohorts.list(filters).filter((row) => row.period_number > 0).map((row) => ({ ...row, state: row.is_complete ? "period over" : "period still running" }));
  },
  clv(item, filters) {
    const risks = ["Low", "Medium", "High", "Unknown"];
    return generic(item, filters).map((row) => {
      const from = row.bin * row.bin_width;
      const to = from + row.bin_width;
      const range = row.bin === 24 ? `${formats.count(from)} and more` : `${formats.count(from)} to ${formats.count(to)}`;
      return { ...row, from, to, range, risk_number: risks.indexOf(row.churn_risk) };
    });
  },
  churn(item, filters) {
    const rows = generic(item, filters).map((row) => ({ ...row, count: row.customers }));
    return share(share(rows, "count", "customers"), "clv", "expected revenue");
  },
  categories(item, filters) {
    const key = (row) => (filters.category ? row.subcategory : row.category) ?? "none";
    const sums = (chosen) => filters.category
      ? added(productSales(chosen), key, ["net_revenue", "units"])
      : tables.sales.sums(chosen, ["category"], salesSums).filter((row) => row.category).map(withRevenue);
    const before = filtersBefore(filters);
    const rows = compared(sums(filters), key, before && sums(before), "net_revenue");
    return top(share(rows, "net_revenue").map((row) => ({ ...row, name: key(row) })), "net_revenue", 25);
  },
  treemap(item, filters) {
    const rows = added(productSales(filters), (row) => `${row.category}\u0000${row.subcategory}`, ["net_revenue", "units"]);
    const width = (byId("item-treemap").clientWidth - 40) / 100;
    return squarified(share(rows.filter((row) => row.net_revenue > 0), "net_revenue"), 100, 50)
      .map((row) => ({ ...row, name: fitting(row.subcategory ?? row.category, (row.x1 - row.x0) * width, (row.y1 - row.y0) * 6) }));
  },
  abc_xyz(item, filters) {
    return strength(share(generic(item, filters), "total_revenue"), "total_revenue").map((row) => ({
      ...row, text: `${formats.count(row.products)} · ${show(row.share, "share")}`,
    }));
  },
  products(item, filters) {
    const rows = productSales(filters).map((row) => ({ ...row, refund_rate: refundsKnown ? divide(row.refunds, row.net_sales) : null }));
    return top(share(rows, "net_revenue"), "net_revenue", Infinity);
  },
  rules: rulesChosen,
  rules_map: rulesChosen,
  recommendation_quality(item, filters) {
    return tables.recommendation_accuracy.list(filters).map((row) => ({ ...row, method: formats.code(row.method) }));
  },
  funnel(item, filters) {
    const steps = {
      sessions: "visits", product_view_sessions: "saw a product", cart_sessions: "filled a cart",
      checkout_sessions: "went to checkout", purchase_sessions: "ordered",
    };
    const total = tables.funnel.total(filters, Object.keys(steps));
    if (!total.sessions) return [];
    let before = null;
    return Object.entries(steps).map(([name, step]) => {
      const sessions = total[name];
      const row = { step, sessions, of_all: sessions / total.sessions, of_before: divide(sessions, before) };
      row.text = before === null ? formats.count(sessions) : `${formats.count(sessions)} · ${show(row.of_before, "share")}`;
      before = sessions;
      return row;
    });
  },
  conversion(item, filters) {
    return generic(item, filters).filter((row) => row.sessions >= 20)
      .map((row) => withMonth({ ...row, rate: divide(row.purchase_sessions, row.sessions) })).sort(byMonth);
  },
  channels(item, filters) {
    const rows = tables.channels
      .sums(filters, ["channel"], ["spend", "sessions", "converted_sessions", "orders", "linear_revenue", "new_customers"])
      .map((row) => ({
        ...row,
        conversion: divide(row.converted_sessions, row.sessions),
        cost_per_new: row.spend ? divide(row.spend, row.new_customers) : null,
        roas: divide(row.linear_revenue, row.spend),
      }));
    return top(rows, "linear_revenue", Infinity);
  },
  channel_revenue(item, filters) {
    return views.channels(item, filters)
      .filter((row) => row.channel !== "unattributed")
      .map((row) => ({ ...row, channel: formats.code(row.channel), "attributed revenue": row.linear_revenue }));
  },
  carts(item, filters) {
    return generic(item, filters).map(withMonth).sort(byMonth);
  },
  reorder(item, filters) {
    return tables.stock_items.list(filters).filter((row) => row.is_reorder_due);
  },
  countries(item, filters) {
    return top(countriesCompared(filters).map((row) => ({ ...row, name: row.country })), "net_revenue", 25);
  },
  country_months(item, filters) {
    const best = top(countriesCompared(filters), "net_revenue", 5).map((row) => row.country);
    const rows = new Map(
      tables.sales.sums(filters, ["month", "country"], salesSums)
        .map((row) => [`${row.month} ${row.country}`, withRevenue(row).net_revenue]),
    );
    return best.flatMap((country) => monthsOf(filters).map((month) =>
      withMonth({ month, country, net_revenue: rows.get(`${month} ${country}`) ?? 0 })));
  },
  regions(item, filters) {
    const sums = (chosen) => tables.regions.sums(chosen, ["country", "region"], ["total_revenue", "total_orders", "net_sales"]);
    const before = filtersBefore(filters);
    const rows = compared(sums(filters), (row) => `${row.country} ${row.region}`, before && sums(before), "total_revenue");
    return top(share(rows, "total_revenue"), "total_revenue", Infinity)
      .map((row) => ({ ...row, order_value: divide(row.net_sales, row.total_orders) }));
  },
  payment_months(item, filters) {
    return generic(item, filters).map((row) => withMonth({ ...row, payment_method: formats.code(row.payment_method) })).sort(byMonth);
  },
  payments(item, filters) {
    const rows = tables.payments
      .sums(filters, ["payment_method"], ["amount_paid", "attempts", "paid_attempts", "orders"])
      .map((row) => ({ ...row, success: divide(row.paid_attempts, row.attempts), per_order: divide(row.amount_paid, row.orders) }));
    return top(share(rows, "amount_paid"), "amount_paid", Infinity);
  },
};

/** The part of the shop that explains an odd day; a product by its name. */
function explained(dimension, value) {
  if (dimension === "product_id") return `${productOf.get(value)?.product_name ?? value} (product)`;
  return `${formats.code(value)} (${formats.code(dimension)})`;
}

function countriesCompared(filters) {
  const sums = (chosen) => tables.sales.sums(chosen, ["country"], salesSums).map(withRevenue);
  const before = filtersBefore(filters);
  return share(compared(sums(filters), (row) => row.country, before && sums(before), "net_revenue"), "net_revenue");
}

function rulesChosen(item, filters) {
  return tables.rules.list(filters).filter((row) =>
    row.lift >= rulesChoice.lift && row.confidence >= rulesChoice.confidence && !(rulesChoice.simple && row.is_redundant));
}

function generic(item, filters) {
  const table = tables[item.data];
  return item.group.length ? table.sums(filters, item.group, item.sums) : table.list(filters);
}

/** The rows an item shows: always by name of a data source, { rows } where there is one. */
function rowsOf(item) {
  const made = (views[item.id] ?? generic)(item, filtersOf(item));
  return Array.isArray(made) ? { rows: made } : made;
}

/** As much of a name as a tile of that size in pixels can hold. */
function fitting(name, width, height) {
  const letters = Math.floor((width - 10) / 6.4);
  if (height < 22 || letters < 3) return null;
  return name.length <= letters ? name : `${name.slice(0, letters - 1)}…`;
}

/** Tiles of a treemap: places in a box of that size, in area as their shares (squarified). */
function squarified(rows, width, height) {
  const tiles = [];
  const queue = [...rows].sort((one, other) => other.share - one.share);
  let box = { x: 0, y: 0, width, height };
  const area = width * height;
  while (queue.length) {
    const side = Math.min(box.width, box.height);
    const worst = (line) => {
      const sum = line.reduce((total, row) => total + row.share * area, 0);
      return Math.max(...line.map((row) => {
        const one = row.share * area;
        return Math.max((side * side * one) / (sum * sum), (sum * sum) / (side * side * one));
      }));
    };
    const line = [queue.shift()];
    while (queue.length && worst([...line, queue[0]]) <= worst(line)) line.push(queue.shift());
    const thickness = line.reduce((total, row) => total + row.share * area, 0) / side;
    let along = 0;
    for (const row of line) {
      const length = (row.share * area) / thickness;
      const [x0, y0, across, down] = box.width >= box.height
        ? [box.x, box.y + along, thickness, length]
        : [box.x + along, box.y, length, thickness];
      tiles.push({ ...row, x0, y0, x1: x0 + across, y1: y0 + down });
      along += length;
    }
    box = box.width >= box.height
      ? { ...box, x: box.x + thickness, width: box.width - thickness }
      : { ...box, y: box.y + thickness, height: box.height - thickness };
  }
  return tiles;
}

// --- elements ----------------------------------------------------------------------------------

/** An element with attributes and children; texts are never read as HTML. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const csvCell = (value) => {
  if (value === null || value === undefined) return "";
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** Rows as CSV; a text that a spreadsheet would run as a formula is quoted with an apostrophe. */
function csv(columns, rows) {
  const plain = (value) => (typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value);
  const lines = [columns.map((column) => csvCell(column.key))];
  for (const row of rows) lines.push(columns.map((column) => csvCell(plain(row[column.key]))));
  return `${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
}

function download(name, text) {
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: "text/csv" })), download: `${name}.csv` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

const sortings = {};
const searches = {};
const SHOWN = 25;
const unfolded = new Set();

/** A table with headings that sort, a search where asked for, and a download of all its rows. */
function drawTable(holder, id, title, columns, allRows, search) {
  const sorting = (sortings[id] ??= { key: null, descending: false });
  const words = (searches[id] ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const texts = columns.filter((column) => !FIGURES.has(column.format));
  let rows = allRows.filter((row) => {
    const text = texts.map((column) => row[column.key] ?? "").join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
  if (sorting.key) rows = sorted(rows, sorting);
  const redraw = () => drawTable(holder, id, title, columns, allRows, search);

  let tools = holder.querySelector(":scope > [data-tools]");
  if (!tools) {
    tools = make("div", { class: "tools", "data-tools": "" });
    if (search) {
      tools.append(make("label", {}, "Search", make("input", {
        type: "search", value: searches[id] ?? "", oninput: (event) => { searches[id] = event.target.value; holder.redraw(); },
      })));
    }
    tools.append(
      make("span", { class: "grow definition", "data-count": "" }),
      make("button", { type: "button", "data-more": "", onclick: () => { unfolded[unfolded.has(id) ? "delete" : "add"](id); holder.redraw(); } }),
      make("button", { type: "button", "aria-label": `Download ${title} as CSV`, onclick: () => download(id, csv(columns, holder.rows)) }, "CSV"),
    );
    holder.append(tools);
  }
  holder.rows = rows;
  holder.redraw = redraw;
  const shown = unfolded.has(id) ? rows : rows.slice(0, SHOWN);
  tools.querySelector("[data-count]").textContent =
    rows.length > shown.length ? `${formats.count(shown.length)} of ${formats.count(rows.length)} rows` : rows.length === 1 ? "1 row" : `${formats.count(rows.length)} rows`;
  const more = tools.querySelector("[data-more]");
  more.hidden = rows.length <= SHOWN;
  more.textContent = unfolded.has(id) ? "Show fewer" : "Show all";

  const head = make("tr", {}, ...columns.map((column) => {
    const order = sorting.key === column.key ? (sorting.descending ? "descending" : "ascending") : "none";
    return make("th", { scope: "col", "aria-sort": order, class: FIGURES.has(column.format) ? "figure" : null },
      make("button", {
        type: "button", "data-sort": column.key,
        onclick: () => {
          sorting.descending = sorting.key === column.key ? !sorting.descending : FIGURES.has(column.format);
          sorting.key = column.key;
          redraw();
          holder.querySelector(`[data-sort="${column.key}"]`).focus();
        },
      }, column.label));
  }));
  const body = shown.map((row) => make("tr", {}, ...columns.map((column) =>
    make("td", { class: FIGURES.has(column.format) ? "figure" : DATES.has(column.format) ? "date" : null }, show(row[column.key], column.format, row)))));
  const table = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `${title}, table` },
    make("table", {}, make("thead", {}, head), make("tbody", {}, ...body)));
  holder.querySelector(":scope > .scroll")?.remove();
  holder.append(table);
}

function sorted(rows, { key, descending }) {
  const order = (one, other) => {
    const [a, b] = [one[key] ?? null, other[key] ?? null];
    if (a === null || b === null) return (a === null) - (b === null);
    const difference = typeof a === "string" ? a.localeCompare(b, "en") : a - b;
    return descending ? -difference : difference;
  };
  return [...rows].sort(order);
}

// --- items -------------------------------------------------------------------------------------

const drawn = {};

/** The box of an item, empty as yet. */
function frame(item) {
  const follows = item.follows.length ? `Follows ${listed(item.follows)}.` : "Follows no filter.";
  const names = item.marts.flatMap((mart, at) => [at ? ", " : "", make("code", {}, mart)]);
  return make("article", { class: item.wide ? "item wide" : "item", id: `item-${item.id}`, "aria-labelledby": `title-${item.id}` },
    make("div", {}, make("h3", { id: `title-${item.id}` }, item.title), make("p", { class: "definition" }, item.definition)),
    make("p", { class: "hint", "data-hint": "", hidden: "" }),
    make("div", { "data-body": "" }),
    make("p", { class: "source" }, ...(names.length ? ["From ", ...names, ". "] : []), follows));
}

const listed = (names) => (names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names[0]);

function drawItem(item) {
  const box = byId(`item-${item.id}`);
  const body = box.querySelector("[data-body]");
  const hint = box.querySelector("[data-hint]");
  hint.textContent = unfollowed(item);
  hint.hidden = !hint.textContent;
  if (item.id === "checks") return body.replaceChildren(checkCards());
  const data = rowsOf(item);
  if (!data.rows.length) {
    delete drawn[item.id];
    return body.replaceChildren(make("p", { class: "empty" }, emptyText(item)));
  }
  if (item.kind === "cards") return body.replaceChildren(keyCards(filtersOf(item)));
  if (item.kind === "table") {
    if (!body.redraw) {
      body.replaceChildren();
      if (item.id === "rules") body.append(rulesTools());
    }
    return drawTable(body, item.id, item.title, item.columns, data.rows, item.search);
  }
  drawn[item.id] = drawChart(item, body, data);
}

/** What to say of filters that are set and that the item cannot follow. */
function unfollowed(item) {
  const set = [];
  if (state.category && !item.follows.includes("category")) set.push(`all categories (not ${state.category} alone)`);
  if (state.country && !item.follows.includes("country")) set.push(`all countries (not ${state.country} alone)`);
  if (item.data === "product_sales" || (item.id === "categories" && state.category)) {
    const { version } = tables.product_sales;
    if (version > 1) set.push("the 1,000 best products");
    if (version > 0 && state.country) set.push("all countries, as the shop has too many products to keep them apart");
  }
  const found = tables.rules_found.total({}, ["rules"]).rules;
  if (item.data === "rules" && found > tables.rules.rows) {
    set.push(`the ${formats.count(tables.rules.rows)} strongest of ${formats.count(found)} rules`);
  }
  if (item.id === "kpis" && tables.kpis.rows) {
    const { period_start, period_end } = tables.kpis.row(0);
    return `${period_start} to ${period_end}, whatever period is chosen. ${set.length ? `Shows ${set.join(" and ")}.` : ""}`;
  }
  return set.length ? `Shows ${set.join(" and ")}.` : "";
}

/** Why an item shows nothing: its mart is empty, or the filters leave nothing. */
function emptyText(item) {
  const [mart] = item.marts;
  if (about.rows[mart] === 0) return `${item.empty} (${mart} has no rows.)`;
  const whole = (views[item.id] ?? generic)(item, { from: months[0], to: lastMonth });
  return (whole.rows ?? whole).length ? "Nothing under these filters." : item.empty;
}

function keyCards(filters) {
  const now = keyFigures(filters);
  const before = filtersBefore(filters);
  const then = before && keyFigures(before);
  return make("dl", { class: "cards" }, ...CARDS.map((card) => {
    const [name, label, format] = card;
    const value = now[name];
    return make("div", { class: "card", "data-card": name, "data-value": value ?? "" },
      make("dt", {}, label),
      make("dd", { class: "value" }, show(value, format)),
      make("dd", { class: "change" }, ...change(card, now, then, filters)));
  }));
}

/** The change of a card in words: points for shares, per cent for the rest. */
function change([name, , format, wish], now, then, filters) {
  const value = now[name];
  const past = then?.[name] ?? null;
  if (value === null) return [now.orders ? (WHY_UNKNOWN[name] ?? "not known") : "no orders"];
  if (!then) return [whyNotCompared(filters)];
  const difference = format === "share" ? (past === null ? null : value - past) : growth(value, past);
  if (difference === null) return ["nothing to compare with"];
  const points = number(1, { signDisplay: "exceptZero" });
  const text = format === "share" ? `${points(difference * 100)} points` : formats.growth(difference);
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
    ["Rows rejected", show(tables.rejected.total({}, ["rows_rejected"]).rows_rejected ?? 0, "count")],
    ["Totals against lines", show(unexplained, "money")],
  ];
  return make("dl", { class: "cards" }, ...cards.map(([label, value]) =>
    make("div", { class: "card" }, make("dt", {}, label), make("dd", { class: "value" }, value))));
}

function rulesTools() {
  const redraw = () => ["rules", "rules_map"].forEach((id) => drawItem(items[id]));
  const input = (label, name, step) => make("label", {}, label, make("input", {
    type: "number", min: "0", step, value: name === "confidence" ? rulesChoice[name] * 100 : rulesChoice[name],
    id: `rules-${name}`,
    oninput: (event) => { rulesChoice[name] = Number(event.target.value) / (name === "confidence" ? 100 : 1); redraw(); },
  }));
  return make("div", { class: "tools", style: "margin-bottom:8px" },
    input("Lift at least", "lift", "1"), input("Confidence at least, %", "confidence", "5"),
    make("label", { class: "check" }, make("input", {
      type: "checkbox", id: "rules-simple", checked: "", onchange: (event) => { rulesChoice.simple = event.target.checked; redraw(); },
    }), "without redundant rules"));
}

// --- charts ------------------------------------------------------------------------------------

const dark = () => document.documentElement.dataset.theme === "dark";

/** Colours and fonts of charts, after the page's. */
function theme(width) {
  const styles = getComputedStyle(document.documentElement);
  const colour = (name) => styles.getPropertyValue(name).trim();
  const [text, soft, line] = ["--text", "--soft", "--line"].map(colour);
  const ramp = dark() ? ["#243247", "#3c64a4", "#a8c7ff"] : ["#e8effb", "#86abe8", "#1d4aa8"];
  return {
    config: {
      background: null, font: "system-ui, sans-serif",
      view: { stroke: null },
      axis: {
        labelColor: soft, titleColor: soft, gridColor: line, domainColor: line, tickColor: line,
        titleFontWeight: 500, labelFontSize: 11.5, titleFontSize: 12, labelLimit: 150,
      },
      axisBand: { grid: false },
      axisX: { grid: false },
      legend: { labelColor: soft, titleColor: soft, titleFontWeight: 500, orient: "top", labelFontSize: 12, gradientLength: 120, columns: Math.max(2, Math.floor(width / 130)) },
      bar: { cornerRadiusEnd: 2 },
      text: { fontSize: 11.5, color: text },
      range: {
        category: dark()
          ? ["#8cb4ff", "#ffb86b", "#6fd3a8", "#f08fb5", "#bba6ff", "#6cd0e6", "#e2c46f", "#aab6c8", "#ff9d94", "#a9d36a"]
          : ["#2f6bd0", "#d9822b", "#22936a", "#c0437a", "#7757cc", "#1690a7", "#9b7a1e", "#66748a", "#cf4a44", "#648b1f"],
        heatmap: ramp, ramp,
      },
    },
    params: {
      low: dark() ? "#6fd3a8" : "#22936a", medium: dark() ? "#ffb86b" : "#d9822b", high: dark() ? "#ff9d94" : "#c7403a",
      bar: dark() ? "#7ea6ee" : "#6391e3", pale: dark() ? "#3d5178" : "#c9d9f6", second: dark() ? "#ffb86b" : "#c46a10",
      onWeak: text, onStrong: dark() ? "#101722" : "#ffffff", onColour: dark() ? "#101722" : "#ffffff", card: colour("--card"),
    },
  };
}

/** Draw a chart, with its numbers in a table to open below. */
async function drawChart(item, body, data) {
  let chart = body.querySelector(".chart");
  if (!chart) {
    chart = make("div", { class: "chart", role: "img" }, make("div", { class: "drawing", "aria-hidden": "true" }));
    const details = make("details", { ontoggle: () => details.open && chartData(item, details) }, make("summary", {}, "Numbers of this chart"));
    body.replaceChildren(chart, details);
  }
  chart.setAttribute("aria-label", `${item.title}. ${item.definition}`);
  const details = body.querySelector("details");
  if (details.open) chartData(item, details);
  if (!window.vegaEmbed) return;
  const { config, params } = theme(chart.clientWidth);
  const specification = {
    ...item.spec, background: null, datasets: data,
    params: Object.entries(params).map(([name, value]) => ({ name, value })),
  };
  await window.vegaEmbed(chart.firstChild, specification, {
    mode: "vega-lite", renderer: "svg", actions: false, config, tooltip: { theme: dark() ? "dark" : "light" },
  });
}

/** The numbers of a chart as a table. */
function chartData(item, details) {
  const rows = Object.values(rowsOf(item)).flat();
  const tooltip = new Map();
  JSON.stringify(item.spec, (key, value) => {
    if (key === "tooltip") for (const one of [value].flat()) if (one?.field && !tooltip.has(one.field)) tooltip.set(one.field, one);
    return value;
  });
  const columns = [...tooltip.values()].map((one) => ({
    key: one.field, label: one.title,
    format: one.type !== "quantitative" ? "text" : /%/.test(one.format) ? "share" : one.format === "," ? "count" : "money",
  }));
  let holder = details.querySelector("[data-numbers]");
  if (!holder) details.append((holder = make("div", { "data-numbers": "" })));
  drawTable(holder, `${item.id}_numbers`, `Numbers of ${item.title}`, columns, rows, false);
}

// --- pages and filters -------------------------------------------------------------------------

const dirty = new Set(Object.keys(items));
const pageNow = () => pages.find((page) => page.id === location.hash.slice(1)) ?? pages[0];

function drawPage() {
  const now = pageNow();
  for (const page of pages) byId(`page-${page.id}`).hidden = page !== now;
  for (const link of byId("nav").querySelectorAll("a")) {
    if (link.hash !== `#${now.id}`) { link.removeAttribute("aria-current"); continue; }
    link.setAttribute("aria-current", "page");
    byId("nav").scrollLeft = link.offsetLeft - 20;
  }
  document.title = `${now.title} – Shop dashboard`;
  for (const item of now.items) {
    if (!dirty.has(item.id)) continue;
    drawItem(item);
    if (item.kind !== "chart" || window.vegaEmbed) dirty.delete(item.id);
  }
}

function redrawAll() {
  Object.keys(items).forEach((id) => dirty.add(id));
  drawPage();
}

function options(select, entries, chosen) {
  select.replaceChildren(...entries.map(([value, label]) => make("option", { value, selected: value === chosen ? "" : null }, label)));
}

function showFilters() {
  const own = state.period === "own" ? [] : ["own"];
  options(byId("period"), Object.entries(PERIODS).filter(([name]) => !own.includes(name)).map(([name, [label]]) => [name, label]), state.period);
  const choices = months.map((month) => [month, monthLabel(month) + (isOver[month] ? "" : " (running)")]);
  options(byId("from"), choices, state.from);
  options(byId("to"), choices, state.to);
  options(byId("category"), [["", "All"], ...categories.map((name) => [name, name])], state.category);
  const countries = [...new Set(tables.sales.sums({}, ["country"], []).map((row) => row.country))].sort((a, b) => a.localeCompare(b, "en"));
  options(byId("country"), [["", "All"], ...countries.map((name) => [name, name])], state.country);
}

function filtersChanged() {
  showFilters();
  redrawAll();
  byId("status").textContent = months.length
    ? `Showing ${monthLabel(state.from)} to ${monthLabel(state.to)}, ${state.category || "all categories"}, ${state.country || "all countries"}.`
    : "";
}

function listen() {
  byId("period").onchange = (event) => { choosePeriod(event.target.value); filtersChanged(); };
  for (const [id, other] of [["from", "to"], ["to", "from"]]) {
    byId(id).onchange = (event) => {
      state.period = "own";
      state[id] = event.target.value;
      if (state.from > state.to) state[other] = state[id];
      filtersChanged();
    };
  }
  for (const id of ["category", "country"]) byId(id).onchange = (event) => { state[id] = event.target.value; filtersChanged(); };
  byId("filters").onsubmit = (event) => event.preventDefault();
  byId("reset").onclick = () => { Object.assign(state, { category: "", country: "" }); choosePeriod("year"); filtersChanged(); };
  byId("theme").onclick = () => { setTheme(dark() ? "light" : "dark"); redrawAll(); };
  addEventListener("hashchange", () => {
    if (location.hash === "#main") return;
    drawPage();
    scrollTo(0, 0);
    byId(`heading-${pageNow().id}`).focus();
  });
}

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  byId("theme").textContent = name === "dark" ? "Light" : "Dark";
  byId("theme").setAttribute("aria-label", `Switch to the ${name === "dark" ? "light" : "dark"} theme`);
}

function start() {
  setTheme(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  byId("about").textContent = about.as_of_date
    ? `As of ${about.as_of_date} · source ${about.source_system} · published ${String(about.published_at).slice(0, 16).replace("T", " ")} UTC`
    : "No order has been delivered yet: every page says what it waits for.";
  for (const page of pages) {
    byId("nav").append(make("li", {}, make("a", { href: `#${page.id}` }, page.title)));
    byId("main").append(make("section", { id: `page-${page.id}`, "aria-labelledby": `heading-${page.id}`, hidden: "" },
      make("h2", { id: `heading-${page.id}`, tabindex: "-1" }, page.title), make("p", { class: "lead" }, page.lead),
      make("div", { class: "items" }, ...page.items.map(frame))));
  }
  showFilters();
  listen();
  drawPage();
}

start();
window.dashboard = {
  /** Called when the drawing library has arrived. */
  drawCharts() {
    drawPage();
    performance.mark("charts");
  },
};
