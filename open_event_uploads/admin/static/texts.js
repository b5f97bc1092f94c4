// The texts of the scripts, which the page has in its language, and figures as the server writes them.

const texts = JSON.parse(document.querySelector("#texts").textContent);
const { lang } = document.documentElement;
const plural = new Intl.PluralRules(lang);
const UNITS = ["bytes", "kB", "MB", "GB", "TB"];

// Return a text with values in place of `%(name)s`; `num` chooses its plural form.
export function say(name, values = {}) {
  const found = texts[name];
  const text = typeof found === "string" ? found : found[plural.select(values.num)];
  return fill(text, values);
}

export function fill(text, values) {
  return text.replace(/%\((\w+)\)s/g, (whole, name) => values[name] ?? whole);
}

// Return a size as `format_size` in `admin/formatting.py` writes it.
export function formatSize(bytes) {
  let [unit, factor] = [0, 1];
  while (Math.round(bytes / factor) >= 1000 && unit < UNITS.length - 1) [unit, factor] = [unit + 1, factor * 1000];
  if (unit === 0) return say("bytes", { num: bytes });
  const tenths = Math.round((10 * bytes) / factor);
  const [value, digits] = tenths < 100 ? [tenths / 10, 1] : [Math.round(bytes / factor), 0];
  const options = { minimumFractionDigits: digits, useGrouping: false };
  return `${new Intl.NumberFormat(lang, options).format(value)} ${UNITS[unit]}`;
}

export function formatNumber(number) {
  return new Intl.NumberFormat(lang).format(number);
}
