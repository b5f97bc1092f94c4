// The texts of the scripts, which the page has in its language, and figures as the server writes them.

const texts = JSON.parse(document.querySelector("#texts").textContent);
const { lang } = document.documentElement;
const plural = new Intl.PluralRules(lang);

// Return a text with values in place of `%(name)s`; `num` chooses its plural form.
export function say(name, values = {}) {
  const found = texts[name];
  const text = typeof found === "string" ? found : found[plural.select(values.num)];
  return fill(text, values);
}

export function fill(text, values) {
  return text.replace(/%\((\w+)\)s/g, (whole, name) => values[name] ?? whole);
}

export function formatSize(bytes) {
  const [unit, name] = bytes < 999_500 ? [1e3, "kB"] : [1e6, "MB"];
  const value = bytes / unit;
  const digits = value < 9.95 ? 1 : 0;
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false };
  return `${new Intl.NumberFormat(lang, options).format(value)} ${name}`;
}

export function formatNumber(number) {
  return new Intl.NumberFormat(lang).format(number);
}
