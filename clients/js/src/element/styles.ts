const CSS = `
:host {
  --_accent: var(--oeu-accent, light-dark(#1d5fbf, #8ab8ff));
  --_on-accent: var(--oeu-on-accent, light-dark(#fff, #10131a));
  --_text: var(--oeu-text, light-dark(#1c1c1e, #ececf0));
  --_muted: var(--oeu-muted, light-dark(#55565c, #b4b6bd));
  --_background: var(--oeu-background, light-dark(#fff, #1b1d22));
  --_border: var(--oeu-border, light-dark(#76777d, #8d9098));
  --_error: var(--oeu-error, light-dark(#b3261e, #ffb4ab));
  --_radius: var(--oeu-radius, 0.5rem);
  display: block;
  color: var(--_text);
  font: var(--oeu-font, inherit);
  text-align: start;
}
:host([hidden]), [hidden] { display: none !important; }
* { box-sizing: border-box; }
.drop {
  display: flex; flex-wrap: wrap; align-items: center; gap: 0.75rem;
  padding: 1.25rem;
  border: 2px dashed var(--_border); border-radius: var(--_radius);
  background: var(--_background);
}
.drop.over { border-style: solid; border-color: var(--_accent); outline: 2px solid var(--_accent); }
.hint { flex: 1 1 12rem; margin: 0; color: var(--_muted); }
.camera { display: none; }
/* A finger neither drops nor pastes, and has a camera. */
@media (pointer: coarse) { .camera { display: inline-flex; } .hint span { display: none; } }
button {
  display: inline-flex; align-items: center; justify-content: center;
  min-height: 2.5rem; padding: 0.25rem 1rem;
  border: 1px solid var(--_border); border-radius: var(--_radius);
  background: var(--_background); color: var(--_text);
  font: inherit; cursor: pointer;
}
@media (pointer: coarse) { button, .alt { min-height: 2.75rem; } }
button.main { border-color: var(--_accent); background: var(--_accent); color: var(--_on-accent); }
button:disabled { opacity: 0.55; cursor: default; }
:is(button, input):focus-visible { outline: 3px solid var(--_accent); outline-offset: 2px; }
ul { display: grid; gap: 0.75rem; margin: 0.75rem 0 0; padding: 0; list-style: none; }
ul:empty { margin: 0; }
li {
  display: flex; gap: 1rem;
  padding: 0.75rem;
  border: 1px solid var(--_border); border-radius: var(--_radius);
  background: var(--_background);
}
.preview { flex: none; width: 5rem; height: 5rem; border-radius: calc(var(--_radius) / 2); object-fit: cover; }
.facts { flex: 1; min-width: 0; display: grid; gap: 0.5rem; align-content: start; }
.name, .status, .error { margin: 0; overflow-wrap: anywhere; }
.name { font-weight: 600; unicode-bidi: isolate; }
.status { color: var(--_muted); }
.status:empty { display: none; }
.error { color: var(--_error); }
progress { width: 100%; height: 0.5rem; accent-color: var(--_accent); }
label { display: grid; gap: 0.25rem; }
.alt {
  width: 100%; min-height: 2.5rem; padding: 0.25rem 0.5rem;
  border: 1px solid var(--_border); border-radius: calc(var(--_radius) / 2);
  background: var(--_background); color: var(--_text); font: inherit;
}
.alt[aria-invalid="true"] { border-color: var(--_error); border-width: 2px; }
.alt::placeholder { color: var(--_muted); opacity: 1; }
.actions { display: flex; flex-wrap: wrap; gap: 0.5rem; }
.live {
  position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap;
}
@media (width < 30rem) {
  .drop, .drop > * { flex-direction: column; align-items: stretch; }
  .hint { flex-basis: auto; }
  .preview { width: 3.5rem; height: 3.5rem; }
  .actions button { flex: 1 1 auto; }
}
@media (prefers-reduced-motion: no-preference) {
  .drop { transition: border-color 0.15s, outline-color 0.15s; }
}
@media (forced-colors: active) {
  .drop.over { outline-color: Highlight; }
  button:disabled { opacity: 1; color: GrayText; border-color: GrayText; }
  .error { color: CanvasText; font-weight: 600; }
}
`;

let sheet: CSSStyleSheet | null = null;

/** Return the one style sheet of all elements: constructed, so that no policy refuses it. */
export function styles(): CSSStyleSheet {
  if (sheet === null) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
  }
  return sheet;
}
