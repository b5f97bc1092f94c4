// Requests of the other scripts: each has the token that proves that a page of ours has sent it.

import { say } from "./texts.js";

let token = tokenOf(document);

function tokenOf(page) {
  return page.querySelector('meta[name="csrf-token"]').content;
}

// Somebody who signs in again, in another tab, has another token than this page.
export async function renewToken() {
  const answer = await fetch(location.href).catch(() => null);
  if (answer) token = tokenOf(new DOMParser().parseFromString(await answer.text(), "text/html"));
}

// Send a request, and return it with its answer; its status is 0 if there is none.
//
// `fetch` does not report how much of a body has been sent. With `idleSeconds` the request is given
// up when nothing moves for so long, or when the device goes offline.
export function send(method, address, { headers = {}, body = null, onProgress, idleSeconds, signal } = {}) {
  const request = new XMLHttpRequest();
  const end = new AbortController();
  const listen = (target, event, act) => target.addEventListener(event, act, { signal: end.signal });
  const giveUp = () => request.abort();
  let timer;
  const watch = () => {
    clearTimeout(timer);
    if (idleSeconds) timer = setTimeout(giveUp, idleSeconds * 1000);
  };
  request.open(method, address);
  for (const [name, value] of Object.entries({ Accept: "application/json", "X-CSRF-Token": token, ...headers }))
    request.setRequestHeader(name, value);
  listen(request.upload, "progress", (event) => {
    watch();
    onProgress?.(event.loaded);
  });
  if (idleSeconds) listen(window, "offline", giveUp);
  if (signal) listen(signal, "abort", giveUp);
  watch();
  return new Promise((resolve) => {
    request.addEventListener("loadend", () => {
      clearTimeout(timer);
      end.abort();
      resolve(request);
    });
    request.send(body);
  });
}

export function isAccepted(request) {
  return request.status >= 200 && request.status < 300;
}

// Say in words why a request was not accepted; an answer to HEAD has none.
export function problemOf(request) {
  if (request.status === 0) return say("unreachable");
  if (request.status === 403 && !request.responseText) return say("signed-out");
  try {
    return JSON.parse(request.responseText).detail;
  } catch {
    return say("answered", { status: request.status });
  }
}
