// Send one file by tus 1.0 (https://tus.io/protocols/resumable-upload).

import { isAccepted, problemOf, send } from "./request.js";
import { say } from "./texts.js";

// A proxy may hold a request back until it is whole: no more than this is sent again then.
const PIECE_BYTES = 8 * 2 ** 20;
const RETRY_SECONDS = [1, 2, 4, 8, 15, 30];
const LONGEST_WAIT_SECONDS = 60;
const IDLE_SECONDS = 60;

// The server may accept the same request later; 0: there was no answer.
const isPassing = (status) => [0, 408, 409, 423, 429].includes(status) || status >= 500;

export class Transfer {
  // endpoint: where uploads begin.
  // size: of the file, in bytes.
  // metadata: of the upload, by key.
  // on: functions that are called with bytes (`progress`: sent; `acknowledged`: durable), and with
  //   the reason for waiting (`waiting`).
  constructor(endpoint, size, metadata, on) {
    Object.assign(this, { endpoint, size, metadata, on });
    this.file = null;
    this.address = null;
    this.expires = 0;
  }

  // Send what is missing until it has arrived, `signal` aborts it, or waiting does not help.
  //
  // The outcome's `state` is "done"; "aborted"; "refused": the server keeps nothing; or "stopped":
  // it may be run again.
  async run(signal) {
    let offset = null;
    let most = 0;
    let failures = 0;
    while (!signal.aborted) {
      const answer = await this.#next(offset, signal);
      if (isAccepted(answer)) {
        offset = this.#acknowledge(answer);
        if (offset > most) failures = 0;
        most = Math.max(most, offset);
        if (offset === this.size) return { state: "done" };
        continue;
      }
      if (signal.aborted) break;
      if (answer.status === 0 && !(await this.#isReadable()))
        return { state: "stopped", problem: say("unreadable") };
      offset = null;
      failures += 1;
      const seconds = Math.max(RETRY_SECONDS[failures - 1] ?? RETRY_SECONDS.at(-1), Number(answer.getResponseHeader("Retry-After")));
      const isHopeless = answer.status !== 0 && failures > RETRY_SECONDS.length;
      if (answer.status === 404 && this.address && !isHopeless) this.address = null; // begin anew
      else if (answer.status === 403 || isHopeless || seconds > LONGEST_WAIT_SECONDS) return { state: "stopped", problem: problemOf(answer) };
      else if (!isPassing(answer.status)) return { state: "refused", problem: problemOf(answer) };
      this.on.waiting(answer.status === 0 ? say("no-connection") : problemOf(answer));
      await wait(seconds, signal);
    }
    return { state: "aborted" };
  }

  // Make the server forget the upload. The outcome's `state` is "gone", "done" if it had arrived
  // already, or "stopped".
  async terminate() {
    if (!this.address) return { state: "gone" };
    // Nobody else can complete the upload after this.
    const found = await this.#ask("HEAD", this.address);
    if (isAccepted(found) && this.#acknowledge(found) === this.size) return { state: "done" };
    const answer = found.status === 404 ? found : await this.#ask("DELETE", this.address);
    const isGone = isAccepted(answer) || answer.status === 404;
    return isGone ? { state: "gone" } : { state: "stopped", problem: problemOf(answer) };
  }

  #next(offset, signal) {
    // Not interrupted: without its answer nobody could end what it has begun.
    if (!this.address) return this.#ask("POST", this.endpoint, { "Upload-Length": this.size, "Upload-Metadata": encode(this.metadata) });
    if (offset === null) return this.#ask("HEAD", this.address, {}, { signal });
    const headers = { "Upload-Offset": offset, "Content-Type": "application/offset+octet-stream" };
    const body = this.file.slice(offset, offset + PIECE_BYTES);
    const onProgress = (bytes) => this.on.progress(offset + bytes);
    return this.#ask("PATCH", this.address, headers, { body, onProgress, signal });
  }

  #ask(method, address, headers = {}, options = {}) {
    return send(method, address, { headers: { "Tus-Resumable": "1.0.0", ...headers }, idleSeconds: IDLE_SECONDS, ...options });
  }

  #acknowledge(answer) {
    const location = answer.getResponseHeader("Location");
    // The server may call itself otherwise than this page does.
    if (location) this.address = new URL(location, document.baseURI).pathname;
    this.expires = Date.parse(answer.getResponseHeader("Upload-Expires"));
    const offset = Number(answer.getResponseHeader("Upload-Offset"));
    this.on.acknowledged(offset);
    return offset;
  }

  async #isReadable() {
    return this.file.slice(0, 1).arrayBuffer().then(() => true, () => false);
  }
}

function encode(metadata) {
  const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  return Object.entries(metadata).map(([key, text]) => `${key} ${base64(text)}`).join(",");
}

function wait(seconds, signal) {
  return new Promise((resolve) => {
    setTimeout(resolve, seconds * 1000);
    for (const [target, event] of [[window, "online"], [signal, "abort"]]) target.addEventListener(event, resolve, { once: true });
  });
}
