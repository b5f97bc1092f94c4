// Use the pages without a mouse: arrow keys among uploads, and shortcuts (`?` lists them).

const SINGLE = "single-character-shortcuts";
const WRITTEN_IN = "input:not([type=checkbox], [type=radio], [type=file]), textarea, select";

let said;

// Let screen readers say a text; they notice a change of it, not what it is from the start.
export function announce(text) {
  if (!said) {
    said = Object.assign(document.createElement("p"), { className: "hidden-text", role: "status" });
    document.body.append(said);
  }
  said.textContent = "";
  setTimeout(() => (said.textContent = text), 100);
}

// What a form has led to is read first, and the next key goes on from there.
export function focusMessage() {
  if (!document.querySelector("[autofocus]")) document.querySelector(".notice, main .problem:not([hidden])")?.focus();
}

// Of all the items one can be reached with Tab; arrow keys lead to the others (ARIA Authoring
// Practices Guide, "Managing Focus Within Components Using a Roving tabindex").
export function moveByArrows(list) {
  const items = [...list.children];
  const controls = (item) => [...item.querySelectorAll("a, input")];
  let current = items[0];
  const enter = (item) => {
    for (const each of controls(current)) each.tabIndex = -1;
    for (const each of controls(item)) each.tabIndex = 0;
    current = item;
  };
  for (const each of items) for (const control of controls(each)) control.tabIndex = -1;
  if (current) enter(current);
  list.addEventListener("focusin", (event) => enter(items.find((each) => each.contains(event.target))));
  list.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns(items), ArrowDown: columns(items) }[event.key];
    const from = items.indexOf(current);
    const to = { Home: 0, End: items.length - 1 }[event.key] ?? from + step;
    if (!items[to] || hasModifier(event)) return;
    event.preventDefault();
    // From a checkbox to a checkbox, from a link to a link.
    const place = controls(current).indexOf(event.target);
    (controls(items[to])[place] ?? controls(items[to])[0]).focus();
  });
}

// Return how many items stand side by side.
function columns(items) {
  const below = items.findIndex((each) => each.offsetTop > items[0].offsetTop);
  return below < 0 ? items.length : below;
}

export function listenForKeys() {
  const dialog = document.querySelector("#shortcuts");
  const single = dialog.querySelector("[data-single]");
  // People who dictate say letters that they do not mean as shortcuts (WCAG 2.1.4).
  single.checked = stored() !== "off";
  single.addEventListener("change", () => store(single.checked ? "on" : "off"));
  document.querySelector("[data-shortcuts]").addEventListener("click", () => dialog.showModal());
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") return save(event);
    if (event.key === "Escape" && event.target.matches("[type=search]")) return event.target.blur();
    if (dialog.open || hasModifier(event) || !single.checked || event.target.matches(WRITTEN_IN)) return;
    if (press(event.key, event.target, dialog)) event.preventDefault();
  });
}

function stored() {
  try {
    return localStorage.getItem(SINGLE);
  } catch {
    return null; // It is forbidden.
  }
}

function store(value) {
  try {
    localStorage.setItem(SINGLE, value);
  } catch {
    // It is full, or forbidden: the choice lasts as long as the page.
  }
}

function hasModifier(event) {
  return event.ctrlKey || event.metaKey || event.altKey;
}

function save(event) {
  const form = event.target.closest("form.fields") ?? document.querySelector("form.fields");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
}

// Do what a key is for; return whether it is for something.
function press(key, target, dialog) {
  const act = {
    "?": () => dialog.showModal(),
    "/": () => document.querySelector("[type=search]")?.focus(),
    u: () => document.querySelector("#files")?.click(),
    x: () => target.closest("[data-items] > *")?.querySelector("[type=checkbox]")?.click(),
    n: () => document.querySelector("a[rel=next]")?.click(),
    p: () => document.querySelector("a[rel=prev]")?.click(),
  }[key];
  act?.();
  return Boolean(act);
}
