// The period, category and country that are chosen, and which items follow them.

const months = tables.months.list({}).map((row) => row.month);
const isOver = Object.fromEntries(
  tables.months.list({}).map((row) => [row.month, row.is_complete]),
);
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

const state = { period: null, from: null, to: null, category: "", country: "" };
const rulesChoice = { lift: 1, confidence: 0, simple: true };

function choosePeriod(name) {
  state.period = name;
  if (months.length && PERIODS[name][1]) [state.from, state.to] = PERIODS[name][1]();
}
const usualPeriod = isOver[lastComplete] ? "year" : "all";
choosePeriod(usualPeriod);

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
