"use strict";
// What scrolls takes the focus, and what the theme leaves unnamed gets its name.
for (const box of document.querySelectorAll(".table-wrapper, pre")) {
  if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
}
for (const title of document.querySelectorAll(".caption[role='heading']")) title.ariaLevel = "2";
for (const [side, name] of [[".sidebar-drawer", "All pages"], [".toc-drawer", "This page"]]) {
  document.querySelector(side)?.setAttribute("aria-label", name);
}
