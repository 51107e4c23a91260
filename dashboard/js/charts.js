// Charts, drawn by Vega-Lite in the colours of the page.

const dark = () => document.documentElement.dataset.theme === "dark";

/** Colours and fonts of charts, after the page's. */
function theme(width) {
  const styles = getComputedStyle(document.documentElement);
  const colour = (name) => styles.getPropertyValue(name).trim();
  const [text, soft, line] = ["--text", "--soft", "--line"].map(colour);
  const ramp = dark() ? ["#243247", "#3c64a4", "#a8c7ff"] : ["#e8effb", "#86abe8", "#1d4aa8"];
  return {
    config: {
      background: null,
      font: "system-ui, sans-serif",
      view: { stroke: null },
      axis: {
        labelColor: soft,
        titleColor: soft,
        gridColor: line,
        domainColor: line,
        tickColor: line,
        titleFontWeight: 500,
        labelFontSize: 11.5,
        titleFontSize: 12,
        labelLimit: 150,
      },
      axisBand: { grid: false },
      axisX: { grid: false },
      legend: {
        labelColor: soft,
        titleColor: soft,
        titleFontWeight: 500,
        orient: "top",
        labelFontSize: 12,
        gradientLength: 120,
        columns: Math.max(2, Math.floor(width / 130)),
      },
      bar: { cornerRadiusEnd: 2 },
      text: { fontSize: 11.5, color: text },
      range: {
        category: dark()
          ? [
              "#8cb4ff",
              "#ffb86b",
              "#6fd3a8",
              "#f08fb5",
              "#bba6ff",
              "#6cd0e6",
              "#e2c46f",
              "#aab6c8",
              "#ff9d94",
              "#a9d36a",
            ]
          : [
              "#2f6bd0",
              "#b96712",
              "#1b7f5b",
              "#b93a70",
              "#7250c8",
              "#127d92",
              "#86690f",
              "#5c6a7f",
              "#c23f39",
              "#557a14",
            ],
        heatmap: ramp,
        ramp,
      },
    },
    params: {
      low: dark() ? "#6fd3a8" : "#22936a",
      medium: dark() ? "#ffb86b" : "#d9822b",
      high: dark() ? "#ff9d94" : "#c7403a",
      bar: dark() ? "#7ea6ee" : "#6391e3",
      pale: dark() ? "#3d5178" : "#c9d9f6",
      second: dark() ? "#ffb86b" : "#c46a10",
      onWeak: text,
      onStrong: dark() ? "#101722" : "#ffffff",
      onColour: dark() ? "#101722" : "#ffffff",
      card: colour("--card"),
    },
  };
}

// What is drawn of each chart, as a promise: one drawing waits for the one before it.
const drawings = {};

/** Draw a chart, with its numbers in a table to open below. */
function drawChart(item, body, data) {
  let chart = body.querySelector(".chart");
  if (!chart) {
    chart = make(
      "div",
      { class: "chart", role: "img" },
      make("div", { class: "drawing", "aria-hidden": "true" }),
    );
    const details = make(
      "details",
      { ontoggle: () => details.open && chartData(item, details) },
      make("summary", {}, "Numbers of this chart"),
    );
    body.replaceChildren(chart, details);
  }
  chart.setAttribute("aria-label", `${item.title}. ${item.definition}`);
  const details = body.querySelector("details");
  if (details.open) chartData(item, details);
  if (!window.vegaEmbed) return;
  const { config, params } = theme(chart.clientWidth);
  const specification = {
    ...item.spec,
    background: null,
    datasets: data,
    params: Object.entries(params).map(([name, value]) => ({ name, value })),
  };
  const options = {
    mode: "vega-lite",
    renderer: "svg",
    actions: false,
    config,
    tooltip: { theme: dark() ? "dark" : "light" },
  };
  drawings[item.id] = Promise.resolve(drawings[item.id]).then((before) => {
    before?.finalize();
    return window.vegaEmbed(chart.firstChild, specification, options);
  });
}

/** The numbers of a chart as a table. */
function chartData(item, details) {
  const rows = Object.values(made(item, filtersOf(item))).flat();
  const tooltip = new Map();
  JSON.stringify(item.spec, (key, value) => {
    if (key === "tooltip")
      for (const one of [value].flat())
        if (one?.field && !tooltip.has(one.field)) tooltip.set(one.field, one);
    return value;
  });
  const columns = [...tooltip.values()].map((one) => ({
    key: one.field,
    label: one.title,
    format:
      one.type !== "quantitative"
        ? "text"
        : /%/.test(one.format)
          ? "share"
          : one.format === ","
            ? "count"
            : "money",
  }));
  let holder = details.querySelector("[data-numbers]");
  if (!holder) details.append((holder = make("div", { "data-numbers": "" })));
  drawTable(holder, `${item.id}_numbers`, `Numbers of ${item.title}`, columns, rows, false);
}
