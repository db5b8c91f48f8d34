"use strict";
// Tabs: every panel within `.tabs` has a tab; without this script all panels are seen.
(() => {
  function startTabs(box) {
    const list = box.querySelector("[role=tablist]");
    const all = Array.from(list.querySelectorAll("[role=tab]"));
    const panels = all.map((tab) => document.getElementById(tab.getAttribute("aria-controls")));

    function select(chosen) {
      all.forEach((tab, i) => {
        tab.setAttribute("aria-selected", String(tab === chosen));
        tab.tabIndex = tab === chosen ? 0 : -1;
        panels[i].hidden = tab !== chosen;
      });
    }

    function follow() {
      const target = location.hash && document.getElementById(location.hash.slice(1));
      const i = target ? panels.findIndex((panel) => panel.contains(target)) : -1;
      if (i >= 0 && panels[i].hidden) {
        select(all[i]);
        target.scrollIntoView();
      }
    }

    panels.forEach((panel, i) => {
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", all[i].id);
    });
    list.hidden = false;
    list.addEventListener("click", (event) => {
      const tab = event.target.closest("[role=tab]");
      if (tab) select(tab);
    });
    list.addEventListener("keydown", (event) => {
      const now = all.indexOf(document.activeElement);
      const last = all.length - 1;
      const places = {
        ArrowRight: now < last ? now + 1 : 0,
        ArrowLeft: now > 0 ? now - 1 : last,
        Home: 0,
        End: last,
      };
      const next = places[event.key];
      if (now < 0 || next === undefined) return;
      event.preventDefault();
      select(all[next]);
      all[next].focus();
    });
    select(all[0]);
    follow();
    addEventListener("hashchange", follow);
  }

  document.querySelectorAll(".tabs").forEach(startTabs);
})();
