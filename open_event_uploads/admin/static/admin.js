// Everything but sending files works without this script.
"use strict";

const token = document.querySelector('meta[name="csrf-token"]').content;

// --- Copy a URL ---------------------------------------------------------------------------------

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  const label = button.firstChild;
  const text = label.textContent;
  button.addEventListener("click", async () => {
    label.textContent = (await copy(button.dataset.copy)) ? "Copied" : "Not copied";
    setTimeout(() => (label.textContent = text), 2000);
  });
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Browsers give the clipboard only to pages over TLS or from this machine.
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "hidden-text";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

// --- Choose uploads -----------------------------------------------------------------------------

for (const form of document.querySelectorAll("[data-choose]")) {
  const all = form.querySelector("[data-all]");
  const every = all.querySelector("input");
  const boxes = [...form.querySelectorAll('input[name="id"]')];
  const button = form.querySelector("[data-chosen]");
  const count = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    button.disabled = chosen === 0;
    button.textContent = `${button.dataset.chosen} ${chosen || ""}`.trim();
    every.checked = chosen === boxes.length;
    every.indeterminate = chosen > 0 && chosen < boxes.length;
  };
  all.hidden = false;
  every.addEventListener("change", () => {
    for (const box of boxes) box.checked = every.checked;
    count();
  });
  form.addEventListener("change", count);
  // A browser that goes back ticks the boxes again.
  window.addEventListener("pageshow", count);
}

// --- Send files ---------------------------------------------------------------------------------

for (const place of document.querySelectorAll("[data-drop]")) {
  const input = place.querySelector('input[type="file"]');
  input.addEventListener("change", () => sendAll(place, [...input.files]));
  place.addEventListener("dragover", (event) => {
    event.preventDefault();
    place.classList.add("over");
  });
  place.addEventListener("dragleave", (event) => {
    if (!place.contains(event.relatedTarget)) place.classList.remove("over");
  });
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("over");
    sendAll(place, [...event.dataTransfer.files]);
  });
}

async function sendAll(place, files) {
  const input = place.querySelector('input[type="file"]');
  const wanted = input.multiple ? files : files.slice(0, 1);
  const lines = wanted.map((file) => [file, addLine(place, file)]);
  let refused = 0;
  input.disabled = true;
  for (const [file, shown] of lines) {
    const problem = await send(place, file, shown.querySelector("progress"));
    if (problem) {
      refused += 1;
      const text = document.createElement("p");
      text.className = "problem";
      text.textContent = problem;
      shown.append(text);
    }
  }
  input.disabled = false;
  input.value = "";
  if (lines.length > 0 && refused === 0) location.reload();
  else if (lines.length > refused) place.append(reloadLink());
}

function addLine(place, file) {
  const shown = document.createElement("li");
  const name = document.createElement("span");
  name.textContent = file.name;
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  shown.append(name, bar);
  place.querySelector(".sending").append(shown);
  return shown;
}

function reloadLink() {
  const link = document.createElement("a");
  link.href = location.href;
  link.textContent = "Show what was uploaded";
  return link;
}

// fetch does not report how much of a body has been sent.
function send(place, file, bar) {
  const isPrivate = place.querySelector("[data-private]")?.checked;
  const request = new XMLHttpRequest();
  request.open("POST", place.dataset.sendTo + (isPrivate ? "?visibility=private" : ""));
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("X-CSRF-Token", token);
  const type = file.type.startsWith("image/") ? file.type : "application/octet-stream";
  request.setRequestHeader("Content-Type", type);
  // A header holds ASCII (RFC 8187).
  const name = encodeURIComponent(file.name.toWellFormed?.() ?? file.name).replace(/['()*]/g, percentEncode);
  request.setRequestHeader("Content-Disposition", `file; filename*=UTF-8''${name}`);
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = event.loaded / event.total;
  });
  return new Promise((resolve) => {
    request.addEventListener("load", () => {
      bar.value = 1;
      resolve(request.status < 300 ? "" : problemOf(request));
    });
    request.addEventListener("error", () => resolve("The server could not be reached, or closed the connection. Try again."));
    request.send(file);
  });
}

function percentEncode(character) {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function problemOf(request) {
  try {
    return JSON.parse(request.responseText).detail;
  } catch {
    return `The server answered ${request.status}.`;
  }
}

// --- Preview a preset ----------------------------------------------------------------------------

for (const form of document.querySelectorAll("[data-previews]")) {
  const image = document.querySelector("[data-preview]");
  const status = document.querySelector("[data-preview-status]");
  let latest = 0;
  let waiting;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 250);
  });
  show();

  async function show() {
    const mine = ++latest;
    const address = new URL(form.dataset.previews, location.href);
    for (const name of ["width", "height", "fit", "focal_x", "focal_y", "encoding", "quality"]) {
      address.searchParams.set(name, form.elements[name].value);
    }
    let found;
    try {
      found = await fetch(address, { headers: { Accept: "application/json" } });
    } catch {
      status.textContent = "The server could not be reached. Try again.";
      return;
    }
    if (!found.ok) {
      const problem = await found.json().catch(() => ({ detail: `The server answered ${found.status}.` }));
      if (mine === latest) status.textContent = problem.detail;
      return;
    }
    const bytes = await found.blob();
    // The answer to an earlier request may arrive later.
    if (mine !== latest) return;
    URL.revokeObjectURL(image.src);
    image.src = URL.createObjectURL(bytes);
    await image.decode().catch(() => {});
    const kilobytes = (bytes.size / 1000).toFixed(1);
    status.textContent = `${image.naturalWidth} × ${image.naturalHeight} pixels, ${kilobytes} kB`;
  }
}
