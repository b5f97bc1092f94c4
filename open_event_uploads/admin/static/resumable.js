// Send new files, some at once, and go on with those that a reload has interrupted.

import { ACTIVE, Line, SENDING } from "./line.js";
import { say } from "./texts.js";
import { Unfinished, whenFree } from "./unfinished.js";

const AT_ONCE = 3;
const UPLOADED = "uploaded";

export class Sender {
  // place: the element with the list of lines, a template of one, and what screen readers say.
  constructor(place) {
    this.place = place;
    this.unfinished = new Unfinished(place.dataset.user);
    this.lines = [];
    for (const { address } of this.unfinished.list()) whenFree(address, () => this.#offer(address));
    window.addEventListener("beforeunload", (event) => {
      if (this.#has(...ACTIVE)) event.preventDefault();
    });
    // What is said just before the page is loaded anew would not be heard.
    this.say(sessionStorage.getItem(UPLOADED) ?? "");
    sessionStorage.removeItem(UPLOADED);
  }

  send(files) {
    const visibility = this.place.querySelector("[data-private]").checked ? "private" : "public";
    for (const file of files) {
      const line = this.lines.find((each) => each.awaits(file)) ?? this.#add(file, { filename: file.name, visibility });
      line.take(file);
    }
  }

  // Begin what may begin. Once nothing more is under way, show what was uploaded.
  go() {
    const free = AT_ONCE - this.lines.filter((each) => SENDING.includes(each.state)).length;
    for (const each of this.lines.filter(({ state }) => state === "queued").slice(0, free)) each.start();
    const done = this.lines.filter(({ state }) => state === "done").length;
    if (done === 0 || this.#has(...ACTIVE)) return;
    if (this.#has("paused", "stopped", "refused")) {
      this.place.querySelector("[data-reload]").hidden = false;
      return;
    }
    sessionStorage.setItem(UPLOADED, say("uploaded", { num: done }));
    location.reload();
  }

  say(text) {
    // Screen readers notice a change of the text, not what it is when the page opens.
    setTimeout(() => (this.place.querySelector('[role="status"]').textContent = text), 100);
  }

  #has(...states) {
    return this.lines.some(({ state }) => states.includes(state));
  }

  #add(file, metadata = {}) {
    const line = new Line(this, file, metadata);
    this.lines.push(line);
    return line;
  }

  #offer(address) {
    // Another tab may have finished it meanwhile.
    const found = this.unfinished.list().find((each) => each.address === address);
    if (found) this.#add(found).offer(found);
  }
}
