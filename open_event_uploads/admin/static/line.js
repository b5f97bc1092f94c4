// The line of a new file: how far it is, a button to pause and continue it, and one to cancel it.

import { renewToken } from "./request.js";
import { formatSize, say } from "./texts.js";
import { Transfer } from "./tus.js";
import { whenFree } from "./unfinished.js";

// The others are: paused; stopped by a problem; missing, its file after a reload; ending; done;
// refused; gone.
export const SENDING = ["sending", "waiting"];
export const ACTIVE = ["queued", ...SENDING];

export class Line {
  constructor(sender, { name, size, lastModified }, metadata) {
    this.sender = sender;
    this.known = { name, size, lastModified };
    this.bytes = 0;
    this.transfer = new Transfer(sender.place.dataset.resumable, size, metadata, {
      progress: (bytes) => this.#move(bytes),
      acknowledged: (bytes) => this.#acknowledge(bytes),
      waiting: (reason) => ACTIVE.includes(this.state) && this.#show("waiting", reason),
    });
    this.element = sender.place.querySelector("template").content.cloneNode(true).firstElementChild;
    [this.first, this.cancel] = this.element.querySelectorAll("button");
    for (const each of this.element.querySelectorAll("[data-name]")) each.textContent = name;
    this.element.querySelector("progress").setAttribute("aria-label", name);
    this.first.addEventListener("click", () => this.#press());
    this.cancel.addEventListener("click", () => this.#giveUp());
    sender.place.querySelector(".sending").append(this.element);
  }

  // Return whether this is the file of an upload that was begun before a reload.
  awaits(file) {
    return this.state === "missing" && Object.entries(this.known).every(([key, value]) => file[key] === value);
  }

  offer({ address, expires, offset }) {
    Object.assign(this.transfer, { address, expires });
    this.bytes = offset;
    this.address = address;
    this.#show("missing");
  }

  take(file) {
    this.transfer.file = file;
    if (this.address) this.#hold();
    this.#queue();
  }

  async start() {
    this.#show("sending");
    const { signal } = (this.interrupt = new AbortController());
    // A request that could not be interrupted may still be under way.
    this.running = Promise.resolve(this.running).then(() => this.transfer.run(signal));
    const { state, problem } = await this.running;
    if (state !== "aborted" && this.state !== "ending") this.#end(state, problem);
  }

  async #press() {
    if (this.state === "missing") return this.#choose();
    if (ACTIVE.includes(this.state)) {
      this.interrupt?.abort();
      this.#show("paused");
      return this.sender.go();
    }
    if (this.state === "stopped") await renewToken();
    // It may have been cancelled meanwhile.
    if (this.state !== "ending") this.#queue();
  }

  #queue() {
    this.#show("queued");
    this.sender.go();
  }

  #choose() {
    const input = Object.assign(document.createElement("input"), { type: "file" });
    input.addEventListener("change", () => {
      if (this.awaits(input.files[0])) this.take(input.files[0]);
      else this.#show("missing", say("other-file", { other: input.files[0].name, name: this.known.name, size: formatSize(this.known.size) }));
    });
    input.click();
  }

  async #giveUp() {
    this.interrupt?.abort();
    this.#show("ending");
    await this.running;
    const { state, problem } = await this.transfer.terminate();
    this.#end(state, problem);
  }

  #end(state, problem) {
    this.interrupt = null;
    if (state !== "stopped") this.#letGo();
    this.#show(state, problem);
    if (state === "gone") {
      this.sender.lines = this.sender.lines.filter((each) => each !== this);
      this.element.remove();
    }
    const outcome = { done: "was-uploaded", gone: "was-cancelled", refused: "was-refused", stopped: "has-stopped" }[state];
    this.sender.say(say(outcome, { name: this.known.name, problem: problem ?? "" }));
    this.sender.go();
  }

  #acknowledge(bytes) {
    const { address, expires } = this.transfer;
    if (address !== this.address) {
      this.#letGo();
      this.address = address;
      this.#hold();
    }
    this.sender.unfinished.remember({ ...this.known, address, expires, offset: bytes });
    this.#move(bytes);
  }

  // Keep other tabs from offering the upload.
  #hold() {
    const released = new Promise((resolve) => (this.release = resolve));
    whenFree(this.address, () => released);
  }

  #letGo() {
    this.sender.unfinished.forget(this.address);
    this.release?.();
  }

  #move(bytes) {
    this.bytes = bytes;
    if (SENDING.includes(this.state)) this.#show("sending");
  }

  #show(state, problem = "") {
    this.state = state;
    const { size } = this.known;
    const isWhole = this.bytes === size;
    const figures = { sent: formatSize(this.bytes), size: formatSize(size), problem };
    const name = state === "sending" ? (isWhole ? "checking" : "arrived") : state;
    const bar = this.element.querySelector("progress");
    bar.value = size ? this.bytes / size : 0;
    bar.hidden = state === "refused";
    this.element.querySelector("[data-state]").textContent = state === "gone" ? "" : say(name, figures);
    const shown = this.element.querySelector(".problem");
    shown.textContent = problem;
    shown.hidden = !problem || state === "waiting";
    this.#label(state);
  }

  #label(state) {
    const labels = { paused: "continue", stopped: "continue", missing: "choose" };
    const label = ACTIVE.includes(state) ? "pause" : labels[state];
    const focused = document.activeElement;
    this.first.firstElementChild.textContent = label ? say(label) : "";
    this.first.hidden = !label;
    this.cancel.hidden = ["ending", "done", "refused", "gone"].includes(state);
    // The focus must not be lost with a button.
    if (focused.hidden && this.element.contains(focused)) this.sender.place.querySelector('input[type="file"]').focus();
  }
}
