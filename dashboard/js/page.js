// Pages, filters and theme; the start of everything.

const dirty = new Set(Object.keys(items));
const pageNow = () => pages.find((page) => page.id === location.hash.slice(1)) ?? pages[0];

function drawPage() {
  const now = pageNow();
  for (const page of pages) byId(page.id).hidden = page !== now;
  for (const link of byId("nav").querySelectorAll("a")) {
    if (link.hash !== `#${now.id}`) {
      link.removeAttribute("aria-current");
      continue;
    }
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
  select.replaceChildren(
    ...entries.map(([value, label]) =>
      make("option", { value, selected: value === chosen ? "" : null }, label),
    ),
  );
}

function showFilters() {
  const periods = Object.entries(PERIODS).filter(
    ([name]) => name !== "own" || state.period === "own",
  );
  options(
    byId("period"),
    periods.map(([name, [label]]) => [name, label]),
    state.period,
  );
  const choices = months.map((month) => [
    month,
    monthLabel(month) + (isOver[month] ? "" : " (running)"),
  ]);
  options(byId("from"), choices, state.from);
  options(byId("to"), choices, state.to);
  options(
    byId("category"),
    [["", "All"], ...categories.map((name) => [name, name])],
    state.category,
  );
  const countries = [
    ...new Set(tables.sales.sums({}, ["country"], []).map((row) => row.country)),
  ].sort((a, b) => a.localeCompare(b, "en"));
  options(byId("country"), [["", "All"], ...countries.map((name) => [name, name])], state.country);
}

function filtersChanged() {
  showFilters();
  redrawAll();
  byId("status").textContent = months.length
    ? [
        `Showing ${monthLabel(state.from)} to ${monthLabel(state.to)}`,
        state.category || "all categories",
        state.country || "all countries",
      ].join(", ")
    : "";
}

function listen() {
  byId("period").onchange = (event) => {
    choosePeriod(event.target.value);
    filtersChanged();
  };
  for (const [id, other] of [
    ["from", "to"],
    ["to", "from"],
  ]) {
    byId(id).onchange = (event) => {
      state.period = "own";
      state[id] = event.target.value;
      if (state.from > state.to) state[other] = state[id];
      filtersChanged();
    };
  }
  for (const id of ["category", "country"])
    byId(id).onchange = (event) => {
      state[id] = event.target.value;
      filtersChanged();
    };
  byId("filters").onsubmit = (event) => event.preventDefault();
  byId("reset").onclick = () => {
    Object.assign(state, { category: "", country: "" });
    choosePeriod(usualPeriod);
    filtersChanged();
  };
  byId("theme").onclick = () => {
    setTheme(dark() ? "light" : "dark");
    redrawAll();
  };
  addEventListener("hashchange", () => {
    drawPage();
    scrollTo(0, 0);
    byId(`heading-${pageNow().id}`).focus({ preventScroll: true });
  });
  document.querySelector(".skip").onclick = (event) => {
    event.preventDefault();
    byId("main").focus();
  };
}

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  byId("theme").textContent = name === "dark" ? "Light" : "Dark";
  byId("theme").setAttribute(
    "aria-label",
    `Switch to the ${name === "dark" ? "light" : "dark"} theme`,
  );
}

function start() {
  const source =
    about.source_system === "seeds" ? "the sample shop" : `source ${about.source_system}`;
  const published = String(about.published_at).slice(0, 16).replace("T", " ");
  setTheme(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  byId("about").textContent = about.as_of_date
    ? `As of ${about.as_of_date} · ${source} · published ${published} UTC`
    : "No order has been delivered yet: every page says what it waits for.";
  for (const page of pages) {
    byId("nav").append(make("li", {}, make("a", { href: `#${page.id}` }, page.title)));
    byId("main").append(
      make(
        "section",
        { id: page.id, "aria-labelledby": `heading-${page.id}`, hidden: "" },
        make("h2", { id: `heading-${page.id}`, tabindex: "-1" }, page.title),
        make("p", { class: "lead" }, page.lead),
        make("div", { class: "items" }, ...page.items.map(frame)),
      ),
    );
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
