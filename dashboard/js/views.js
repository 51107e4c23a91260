// The rows of items: generic ones, and `views` for items that need more.

const customersKnown = tables.orders.says("has_customers");
if (about.rows.fct_refunds === 0) {
  for (const table of [tables.sales, tables.product_sales]) table.forget("refunds");
}

/** Key figures of sales, orders and customers under the filters. */
function keyFigures(filters) {
  const item = items.cards;
  const orders = tables.orders;
  const passes = orders.passes(filters);
  const ordersEver = new Map();
  const active = new Set();
  const counted = { orders: 0, new_customers: 0 };
  for (let row = 0; row < orders.rows; row++) {
    const customer = orders.value("customer_id", row);
    const placed = orders.value("orders", row);
    if (customer !== null && orders.value("month", row) <= filters.to) {
      ordersEver.set(customer, (ordersEver.get(customer) ?? 0) + placed);
    }
    if (!passes(row)) continue;
    counted.orders += placed;
    counted.new_customers += orders.value("new_customers", row);
    if (customer !== null) active.add(customer);
  }
  const repeating = [...active].filter((customer) => ordersEver.get(customer) > 1).length;
  const sales = tables.sales.total(filters, item.sums);
  return withRatios(item, {
    ...sales,
    net_revenue: sales.net_revenue ?? 0,
    ...counted,
    active_customers: customersKnown ? active.size : null,
    repeat_customers: customersKnown ? repeating : null,
  });
}

const CARDS = [
  ["net_revenue", "Net revenue", "money", 1],
  ["orders", "Orders", "count", 1],
  ["avg_order_value", "Order value", "money", 1],
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
  ...row,
  label: monthLabel(row.month),
  is_complete: isOver[row.month] ?? false,
  state: monthState(row.month),
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
function productSales(item, filters) {
  return tables.product_sales
    .sums(filters, ["product_id"], item.sums)
    .map((row) => ({ ...productOf.get(row.product_id), ...withRatios(item, row) }))
    .filter((row) => !filters.category || row.category === filters.category);
}

/** Amounts added up over rows of the same key, exactly. */
function added(rows, key, names) {
  const groups = new Map();
  for (const row of rows) {
    const sum = groups.get(key(row)) ?? {
      ...row,
      ...Object.fromEntries(names.map((name) => [name, 0])),
    };
    for (const name of names) sum[name] += cents(row[name] ?? 0);
    groups.set(key(row), sum);
  }
  return [...groups.values()].map((row) => ({
    ...row,
    ...Object.fromEntries(names.map((name) => [name, row[name] / 100])),
  }));
}

const top = (rows, name, count) =>
  [...rows].sort((one, other) => other[name] - one[name]).slice(0, count);

const views = {
  revenue(item, filters) {
    const orders = new Map(
      tables.orders.sums(filters, ["month"], ["orders"]).map((row) => [row.month, row.orders]),
    );
    const whole = { ...filters, from: months[0], to: lastMonth };
    const revenue = new Map(generic(item, whole).map((row) => [row.month, row.net_revenue]));
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
      customers_effect: "customers",
      frequency_effect: "orders per customer",
      basket_effect: "units per order",
      price_effect: "price per unit",
    };
    const list = tables.bridge
      .list(filters)
      .filter((row) => row.net_sales_change !== null)
      .map(withMonth);
    const rows = list.flatMap((row) =>
      Object.entries(effects).map(([name, effect]) => ({
        month: row.month,
        label: row.label,
        effect,
        amount: row[name],
      })),
    );
    return { rows, totals: list };
  },
  anomalies(item, filters) {
    return tables.anomalies
      .list(filters)
      .reverse()
      .map((row) => ({
        ...row,
        explained_by:
          row.explaining_value && explained(row.explaining_dimension, row.explaining_value),
      }));
  },
  rfm(item, filters) {
    const segments = new Map();
    for (const row of tables.segments.sums(
      filters,
      ["recency_score", "frequency_score", "segment"],
      [],
    )) {
      const key = `${row.recency_score} ${row.frequency_score}`;
      segments.set(key, [...(segments.get(key) ?? []), row.segment]);
    }
    const rows = generic(item, filters).map((row) => ({
      ...row,
      segments: segments.get(`${row.recency_score} ${row.frequency_score}`).join(", "),
    }));
    return strength(rows, "customer_revenue");
  },
  segments(item, filters) {
    const rows = generic(item, filters).map((row) => ({ ...row, count: row.customers }));
    return share(share(rows, "count", "customers"), "customer_revenue", "net revenue");
  },
  migration(item, filters) {
    const newest = tables.migration.list(filters).at(-1)?.month;
    return newest ? tables.migration.list({ from: newest, to: newest }).map(withMonth) : [];
  },
  cohorts(item, filters) {
    return tables.cohorts
      .list(filters)
      .filter((row) => row.period_number > 0)
      .map((row) => ({ ...row, state: row.is_complete ? "period over" : "period still running" }));
  },
  clv(item, filters) {
    const risks = ["Low", "Medium", "High", "Unknown"];
    return generic(item, filters).map((row) => {
      const from = row.bin * row.bin_width;
      const to = from + row.bin_width;
      const range =
        row.bin === 24
          ? `${formats.count(from)} and more`
          : `${formats.count(from)} to ${formats.count(to)}`;
      return { ...row, from, to, range, risk_number: risks.indexOf(row.churn_risk) };
    });
  },
  churn(item, filters) {
    const rows = generic(item, filters).map((row) => ({ ...row, count: row.customers }));
    return share(share(rows, "count", "customers"), "clv", "expected revenue");
  },
  categories(item, filters) {
    const key = (row) => (filters.category ? row.subcategory : row.category) ?? "none";
    const sums = (chosen) =>
      filters.category
        ? added(productSales(item, chosen), key, item.sums)
        : generic(item, chosen).filter((row) => row.category);
    const before = filtersBefore(filters);
    const rows = compared(sums(filters), key, before && sums(before), "net_revenue");
    return top(
      share(rows, "net_revenue").map((row) => ({ ...row, name: key(row) })),
      "net_revenue",
      25,
    );
  },
  treemap(item, filters) {
    const rows = added(
      productSales(item, filters),
      (row) => `${row.category}\u0000${row.subcategory}`,
      item.sums,
    );
    const width = (byId("item-treemap").clientWidth - 40) / 100;
    return squarified(
      share(
        rows.filter((row) => row.net_revenue > 0),
        "net_revenue",
      ),
      100,
      50,
    ).map((row) => ({
      ...row,
      name: fitting(
        row.subcategory ?? row.category,
        (row.x1 - row.x0) * width,
        (row.y1 - row.y0) * 6,
      ),
    }));
  },
  abc_xyz(item, filters) {
    return strength(share(generic(item, filters), "net_revenue"), "net_revenue").map((row) => ({
      ...row,
      text: `${formats.count(row.products)} · ${show(row.share, "share")}`,
    }));
  },
  products(item, filters) {
    return top(share(productSales(item, filters), "net_revenue"), "net_revenue", Infinity);
  },
  rules: rulesChosen,
  rules_map: rulesChosen,
  recommendation_quality(item, filters) {
    return tables.recommendation_accuracy
      .list(filters)
      .map((row) => ({ ...row, method: formats.code(row.method) }));
  },
  funnel(item, filters) {
    const steps = {
      sessions: "visits",
      product_view_sessions: "saw a product",
      cart_sessions: "filled a cart",
      checkout_sessions: "went to checkout",
      purchase_sessions: "ordered",
    };
    const total = tables.funnel.total(filters, item.sums);
    if (!total.sessions) return [];
    let before = null;
    return Object.entries(steps).map(([name, step]) => {
      const sessions = total[name];
      const row = {
        step,
        sessions,
        of_all: sessions / total.sessions,
        of_before: divide(sessions, before),
      };
      row.text =
        before === null
          ? formats.count(sessions)
          : `${formats.count(sessions)} · ${show(row.of_before, "share")}`;
      before = sessions;
      return row;
    });
  },
  conversion(item, filters) {
    return generic(item, filters)
      .filter((row) => row.sessions >= 20)
      .map(withMonth)
      .sort(byMonth);
  },
  channels(item, filters) {
    return top(generic(item, filters), "linear_revenue", Infinity);
  },
  channel_revenue(item, filters) {
    return views
      .channels(item, filters)
      .filter((row) => row.channel !== "unattributed")
      .map((row) => ({
        ...row,
        channel: formats.code(row.channel),
        "attributed revenue": row.linear_revenue,
        spend: row.marketing_spend,
      }));
  },
  carts(item, filters) {
    return generic(item, filters).map(withMonth).sort(byMonth);
  },
  reorder(item, filters) {
    return tables.stock_items.list(filters).filter((row) => row.is_reorder_due);
  },
  countries(item, filters) {
    return top(
      countriesCompared(item, filters).map((row) => ({ ...row, name: row.country })),
      "net_revenue",
      25,
    );
  },
  country_months(item, filters) {
    const best = top(countriesCompared(items.countries, filters), "net_revenue", 5).map(
      (row) => row.country,
    );
    const rows = new Map(
      generic(item, filters).map((row) => [`${row.month} ${row.country}`, row.net_revenue]),
    );
    return best.flatMap((country) =>
      monthsOf(filters).map((month) =>
        withMonth({ month, country, net_revenue: rows.get(`${month} ${country}`) ?? 0 }),
      ),
    );
  },
  regions(item, filters) {
    const before = filtersBefore(filters);
    const rows = compared(
      generic(item, filters),
      (row) => `${row.country} ${row.region}`,
      before && generic(item, before),
      "net_revenue",
    );
    return top(share(rows, "net_revenue"), "net_revenue", Infinity);
  },
  payment_months(item, filters) {
    return generic(item, filters)
      .map((row) => withMonth({ ...row, payment_method: formats.code(row.payment_method) }))
      .sort(byMonth);
  },
  payments(item, filters) {
    return top(share(generic(item, filters), "amount_paid"), "amount_paid", Infinity);
  },
};

/** The part of the shop that explains an odd day; a product by its name. */
function explained(dimension, value) {
  if (dimension === "product_id") return `${productOf.get(value)?.product_name ?? value} (product)`;
  return `${formats.code(value)} (${formats.code(dimension)})`;
}

function countriesCompared(item, filters) {
  const before = filtersBefore(filters);
  const rows = compared(
    generic(item, filters),
    (row) => row.country,
    before && generic(item, before),
    "net_revenue",
  );
  return share(rows, "net_revenue");
}

function rulesChosen(item, filters) {
  return tables.rules
    .list(filters)
    .filter(
      (row) =>
        row.lift >= rulesChoice.lift &&
        row.confidence >= rulesChoice.confidence &&
        !(rulesChoice.simple && row.is_redundant),
    );
}

function generic(item, filters) {
  const table = tables[item.data];
  if (!item.group.length) return table.list(filters);
  return table.sums(filters, item.group, item.sums).map((row) => withRatios(item, row));
}

/** The rows of an item under filters, by the chart's name for them; most have `rows` alone. */
function made(item, filters) {
  const data = (views[item.id] ?? generic)(item, filters);
  return Array.isArray(data) ? { rows: data } : data;
}

/** As much of a name as a tile of that size in pixels can hold. */
function fitting(name, width, height) {
  const letters = Math.floor((width - 12) / 6.6);
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
      return Math.max(
        ...line.map((row) => {
          const one = row.share * area;
          return Math.max((side * side * one) / (sum * sum), (sum * sum) / (side * side * one));
        }),
      );
    };
    const line = [queue.shift()];
    while (queue.length && worst([...line, queue[0]]) <= worst(line)) line.push(queue.shift());
    const thickness = line.reduce((total, row) => total + row.share * area, 0) / side;
    let along = 0;
    for (const row of line) {
      const length = (row.share * area) / thickness;
      const [x0, y0, across, down] =
        box.width >= box.height
          ? [box.x, box.y + along, thickness, length]
          : [box.x + along, box.y, length, thickness];
      tiles.push({ ...row, x0, y0, x1: x0 + across, y1: y0 + down });
      along += length;
    }
    box =
      box.width >= box.height
        ? { ...box, x: box.x + thickness, width: box.width - thickness }
        : { ...box, y: box.y + thickness, height: box.height - thickness };
  }
  return tiles;
}
