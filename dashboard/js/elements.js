// Elements of the page: tables that sort and search, and their CSV.

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

/**
 * Rows as CSV that spreadsheets know to be UTF-8; a text they would run as a formula gets an
 * apostrophe.
 */
function csv(columns, rows) {
  const plain = (value) =>
    typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  const lines = [columns.map((column) => csvCell(column.key))];
  for (const row of rows) lines.push(columns.map((column) => csvCell(plain(row[column.key]))));
  return `\ufeff${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
}

function download(name, text) {
  const link = make("a", {
    href: URL.createObjectURL(new Blob([text], { type: "text/csv" })),
    download: `${name}.csv`,
  });
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
    const text = texts
      .map((column) => row[column.key] ?? "")
      .join(" ")
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
  if (sorting.key) rows = sorted(rows, sorting);
  const redraw = () => drawTable(holder, id, title, columns, allRows, search);

  let tools = holder.querySelector(":scope > [data-tools]");
  if (!tools) {
    tools = make("div", { class: "tools", "data-tools": "" });
    if (search) {
      tools.append(
        make(
          "label",
          {},
          "Search",
          make("input", {
            type: "search",
            value: searches[id] ?? "",
            oninput: (event) => {
              searches[id] = event.target.value;
              holder.redraw();
            },
          }),
        ),
      );
    }
    tools.append(
      make("span", { class: "grow definition", "data-count": "" }),
      make("button", {
        type: "button",
        "data-more": "",
        onclick: () => {
          unfolded[unfolded.has(id) ? "delete" : "add"](id);
          holder.redraw();
        },
      }),
      make(
        "button",
        {
          type: "button",
          "aria-label": `Download ${title} as CSV`,
          onclick: () => download(id, csv(columns, holder.rows)),
        },
        "CSV",
      ),
    );
    holder.append(tools);
  }
  holder.rows = rows;
  holder.redraw = redraw;
  const shown = unfolded.has(id) ? rows : rows.slice(0, SHOWN);
  tools.querySelector("[data-count]").textContent =
    rows.length > shown.length
      ? `${formats.count(shown.length)} of ${formats.count(rows.length)} rows`
      : rows.length === 1
        ? "1 row"
        : `${formats.count(rows.length)} rows`;
  const more = tools.querySelector("[data-more]");
  more.hidden = rows.length <= SHOWN;
  more.textContent = unfolded.has(id) ? "Show fewer" : "Show all";

  const head = make(
    "tr",
    {},
    ...columns.map((column) => {
      const order =
        sorting.key === column.key ? (sorting.descending ? "descending" : "ascending") : "none";
      return make(
        "th",
        { scope: "col", "aria-sort": order, class: FIGURES.has(column.format) ? "figure" : null },
        make(
          "button",
          {
            type: "button",
            "data-sort": column.key,
            onclick: () => {
              sorting.descending =
                sorting.key === column.key ? !sorting.descending : FIGURES.has(column.format);
              sorting.key = column.key;
              redraw();
              holder.querySelector(`[data-sort="${column.key}"]`).focus();
            },
          },
          column.label,
        ),
      );
    }),
  );
  const body = shown.map((row) =>
    make(
      "tr",
      {},
      ...columns.map((column) =>
        make(
          "td",
          {
            class: FIGURES.has(column.format) ? "figure" : DATES.has(column.format) ? "date" : null,
          },
          show(row[column.key], column.format, row),
        ),
      ),
    ),
  );
  const table = make(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": `${title}, table` },
    make("table", {}, make("thead", {}, head), make("tbody", {}, ...body)),
  );
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
