// The tables of the page: columns as tables.py wrote them, filtered, grouped and summed.
//
// The files of this folder are put into the page as one script, in the order that __main__.py says.
// Amounts are whole hundredths until they are shown, so that sums are exact.

const { about, pages, ratios, tables: encoded } = JSON.parse(
  document.getElementById("data").textContent,
);
const items = Object.fromEntries(
  pages.flatMap((page) => page.items.map((item) => [item.id, item])),
);
const byId = (id) => document.getElementById(id);

/** A table by columns: the value of a cell, and what a filter needs to be quick. */
class Table {
  constructor({ rows, columns }) {
    Object.assign(this, { rows, columns: {} });
    for (const [name, { texts, ...column }] of Object.entries(columns)) {
      const [[kind, values]] = Object.entries(column);
      const all = values.length === rows ? values : Array(rows).fill(values[0]);
      this.columns[name] = { texts, [kind]: all };
    }
  }

  has(name) {
    return name in this.columns;
  }

  /** Take a column for unknown. */
  forget(name) {
    this.columns[name] = { numbers: Array(this.rows).fill(null) };
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
    return Object.fromEntries(
      Object.keys(this.columns).map((name) => [name, this.value(name, row)]),
    );
  }

  /** A function that says of a row whether it passes the filters. */
  passes(filters) {
    const tests = [];
    if (filters.from && this.has("month")) {
      const [from, to] = [filters.from, filters.to].map(monthOf);
      tests.push(this.textTest("month", (day) => monthOf(day) >= from && monthOf(day) <= to));
    }
    if (filters.category && this.has("category")) {
      tests.push(this.textTest("category", (name) => name === filters.category));
    }
    if (filters.category && this.has("categories")) {
      const number = categoryNumbers.get(filters.category);
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

  /** Whether a column that is the same in every row says yes. */
  says(name) {
    return this.rows === 0 || this.value(name, 0);
  }

  list(filters) {
    const passes = this.passes(filters);
    const rows = [];
    for (let row = 0; row < this.rows; row++) if (passes(row)) rows.push(this.row(row));
    return rows;
  }
}

const monthOf = (day) => day.slice(0, 7);
const empty = (names) => Object.fromEntries(names.map((name) => [name, null]));
const tables = Object.fromEntries(
  Object.entries(encoded).map(([name, table]) => [name, new Table(table)]),
);
const categories = tables.categories.list({}).map((row) => row.category);
const categoryNumbers = new Map(
  tables.categories.list({}).map((row) => [row.category, String(row.category_number)]),
);
