// Everything but sending files works without this script.

import "./edits.js";
import { announce, focusMessage, listenForKeys, moveByArrows } from "./keys.js";
import { isAccepted, problemOf, send } from "./request.js";
import { Sender } from "./resumable.js";
import { fill, formatNumber, formatSize, say } from "./texts.js";

// --- The keyboard -------------------------------------------------------------------------------

focusMessage();
listenForKeys();
for (const each of document.querySelectorAll("[data-items]")) moveByArrows(each);

// --- Copy a URL ---------------------------------------------------------------------------------

for (const button of document.querySelectorAll("[data-copy]")) {
  const { textContent, ariaLabel } = button;
  button.addEventListener("click", async () => {
    const outcome = say((await copy(button.dataset.copy)) ? "copied" : "not-copied");
    announce(outcome);
    Object.assign(button, { textContent: outcome, ariaLabel: null });
    setTimeout(() => Object.assign(button, { textContent, ariaLabel }), 2000);
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
  const buttons = [...form.querySelectorAll("[data-chosen]")].map((button) => [button, button.textContent]);
  const count = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    for (const [button, none] of buttons) {
      button.disabled = chosen === 0;
      button.textContent = chosen ? fill(button.dataset.chosen, { num: formatNumber(chosen) }) : none;
    }
    every.checked = chosen === boxes.length;
    every.indeterminate = chosen > 0 && chosen < boxes.length;
  };
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
  const sender = place.dataset.resumable ? new Sender(place) : null;
  const take = (files) => {
    if (sender) sender.send(files);
    else if (files.length > 0) replace(place, files[0]);
  };
  const takeChosen = () => {
    take([...input.files]);
    // The same file can be chosen again.
    input.value = "";
  };
  input.addEventListener("change", takeChosen);
  // Somebody may have been quicker than this script.
  takeChosen();
  // A browser would open a file that misses the place, and leave the page. New files may be let go
  // of anywhere; one that replaces another only at its place. Other things are not ours.
  const isOfFiles = (event) => event.dataTransfer.types.includes("Files");
  const isTaken = (event) => Boolean(sender) || place.contains(event.target);
  document.addEventListener("dragover", (event) => {
    if (!isOfFiles(event)) return;
    event.preventDefault();
    place.classList.toggle("over", isTaken(event));
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) place.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    if (!isOfFiles(event)) return;
    event.preventDefault();
    place.classList.remove("over");
    if (isTaken(event)) take([...event.dataTransfer.files]);
  });
}

// Send a file instead of that of an upload.
async function replace(place, file) {
  const input = place.querySelector('input[type="file"]');
  const line = document.createElement("li");
  const name = document.createElement("span");
  const bar = document.createElement("progress");
  name.textContent = file.name;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  line.append(name, bar);
  place.querySelector(".sending").append(line);
  input.disabled = true;
  const type = file.type.startsWith("image/") ? file.type : "application/octet-stream";
  const answer = await send("POST", place.dataset.sendTo, {
    headers: { "Content-Type": type },
    body: file,
    onProgress: (bytes) => (bar.value = bytes / file.size),
  });
  input.disabled = false;
  if (isAccepted(answer)) {
    location.reload();
    return;
  }
  const text = document.createElement("p");
  text.className = "problem";
  text.textContent = problemOf(answer);
  line.append(text);
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
      status.textContent = say("unreachable");
      return;
    }
    if (!found.ok) {
      const problem = await found.json().catch(() => ({ detail: say("answered", { status: found.status }) }));
      if (mine === latest) status.textContent = problem.detail;
      return;
    }
    const bytes = await found.blob();
    // The answer to an earlier request may arrive later.
    if (mine !== latest) return;
    URL.revokeObjectURL(image.src);
    image.src = URL.createObjectURL(bytes);
    await image.decode().catch(() => {});
    const { naturalWidth: width, naturalHeight: height } = image;
    status.textContent = say("preview", { width: formatNumber(width), height: formatNumber(height), size: formatSize(bytes.size) });
  }
}
