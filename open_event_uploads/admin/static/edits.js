// Change the uploads of an edit, some at a time, and show how many are done.

import { isAccepted, problemOf, send } from "./request.js";
import { formatNumber, say } from "./texts.js";

for (const form of document.querySelectorAll("[data-run]")) {
  const [bar, status, problem] = ["progress", "status", "problem"].map((name) => document.querySelector(`[data-${name}]`));
  const [go, pause] = ["continue", "pause"].map((name) => form.querySelector(`[data-${name}]`));
  // Of several runs the last one goes on.
  let latest = 0;

  const run = async () => {
    const mine = ++latest;
    while (mine === latest) {
      const answer = await send("POST", form.action);
      if (mine !== latest) return;
      if (!isAccepted(answer)) {
        problem.textContent = problemOf(answer);
        stop();
        problem.hidden = false;
        return;
      }
      const { done, total } = JSON.parse(answer.responseText);
      if (done >= total) {
        location.reload();
        return;
      }
      bar.value = done;
      status.textContent = say("edited", { done: formatNumber(done), total: formatNumber(total) });
    }
  };

  // Show one of the two buttons, and keep the focus on it.
  const show = (shown, other) => {
    const hadFocus = other === document.activeElement;
    shown.hidden = false;
    if (hadFocus) shown.focus();
    other.hidden = true;
  };

  const start = () => {
    problem.hidden = true;
    show(pause, go);
    run();
  };

  const stop = () => {
    latest += 1;
    show(go, pause);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    start();
  });
  pause.addEventListener("click", stop);
  if (form.dataset.runs !== undefined) start();
}
