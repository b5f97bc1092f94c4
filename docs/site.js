// What Material leaves out, for the keyboard and for screen readers; it makes these elements itself,
// before the window has loaded.
addEventListener("load", () => {
  document.querySelector(".md-search").setAttribute("aria-label", "Search");
  for (const wide of document.querySelectorAll(".md-typeset__scrollwrap")) {
    wide.tabIndex = 0;
  }
  for (const empty of document.querySelectorAll("th:empty")) {
    empty.setAttribute("role", "presentation");
  }
  document.querySelectorAll(".md-code__nav").forEach((buttons, index) => {
    buttons.setAttribute("aria-label", `Code block ${index + 1}`);
  });
});
