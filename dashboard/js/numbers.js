// How numbers are computed with and written.

const number = (digits, options = {}) => {
  const format = new Intl.NumberFormat("en-GB", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    ...options,
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
const FIGURES = new Set([
  "money",
  "count",
  "share",
  "share2",
  "growth",
  "number",
  "tenths",
  "plain",
  "by_unit",
]);
const DATES = new Set(["date", "month"]);
const divide = (one, other) => (one === null || !other ? null : one / other);
const growth = (now, before) => (now === null || !(before > 0) ? null : now / before - 1);
const cents = (amount) => Math.round(amount * 100);

/** A ratio metric of sums, as models/metrics defines it. */
function ratio(name, sums) {
  const { numerator, denominator } = ratios[name];
  for (const part of [numerator, denominator])
    if (!(part in sums)) throw new Error(`${name} needs ${part}`);
  return divide(sums[numerator], sums[denominator]);
}

/** Sums with the ratios of an item. */
const withRatios = (item, sums) => ({
  ...sums,
  ...Object.fromEntries(item.ratios.map((name) => [name, ratio(name, sums)])),
});

function show(value, format, row) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  return formats[format === "by_unit" ? row.unit : format](value);
}
