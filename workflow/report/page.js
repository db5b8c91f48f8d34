"use strict";
// The page's own script: it draws the charts alive, and powers and energies follow two sliders.
(() => {
  const root = document.documentElement;
  root.classList.add("script");
  const $ = (id) => document.getElementById(id);
  const pj = $("pj"), staticMw = $("static"), views = new Map();

  // As the page's tables write numbers: three significant digits, thousands separated.
  const significant = (number) => {
    if (number === 0) return "0";
    const exponent = Number(number.toExponential(2).split("e")[1]);
    // A whole number has no zeros behind the point.
    const whole = Number.isInteger(Number(number.toPrecision(9)));
    const digits = whole ? 0 : Math.max(0, 2 - exponent);
    return number.toLocaleString("en-US", {minimumFractionDigits: digits, maximumFractionDigits: digits});
  };

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  document.body.append(tip);
  const showTip = (_, event, item, value) => {
    tip.hidden = !value;
    if (!value) return;
    tip.textContent = typeof value === "object" ? Object.values(value).join(" ") : value;
    const left = Math.min(event.clientX + 12, window.innerWidth - tip.offsetWidth - 8);
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${event.clientY + 14}px`;
  };

  const drawn = [...document.querySelectorAll("script[data-chart]")].map(async (text) => {
    const place = $(text.dataset.chart);
    const still = [...place.childNodes];
    const live = document.createElement("div");
    place.append(live);
    try {
      const spec = JSON.parse(text.textContent);
      // On a phone the panels of some charts stand one below the other.
      if (innerWidth < 768 && spec.signals?.some(({name}) => name === "stacks")) spec.layout.columns = 1;
      const {view} = await vegaEmbed(live, spec, {
        mode: "vega", ast: true, actions: false, renderer: "svg", defaultStyle: false, tooltip: showTip,
      });
      views.set(place.id, view);
    } catch (error) {
      // The still picture stays.
      live.remove();
      throw error;
    }
    for (const node of still) node.remove();
    // The drawing scales with the page; its own size is only its shape.
    const svg = live.querySelector("svg");
    // The place's own words say what it shows; Vega's roles of its marks have none.
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("viewBox", `0 0 ${svg.getAttribute("width")} ${svg.getAttribute("height")}`);
  });

  // --- a chart's menu ---------------------------------------------------------------------------

  // The rows that a chart shows, as CSV: all columns of its data.
  const csv = (spec) => {
    const rows = spec.data.flatMap(({values}) => (Array.isArray(values) ? values : []));
    const names = [...new Set(rows.flatMap(Object.keys))];
    const cell = (value) => (/[",\n]/.test(value ??= "") ? `"${String(value).replaceAll('"', '""')}"` : value);
    return [names, ...rows.map((row) => names.map((name) => row[name]))]
      .map((line) => line.map(cell).join(",")).join("\n") + "\n";
  };
  const inked = (text) => text.replaceAll("currentColor", "#1b1f24");
  const files = {
    csv: async (view, spec) => new Blob([csv(spec)], {type: "text/csv"}),
    svg: async (view) => new Blob([inked(await view.toSVG())], {type: "image/svg+xml"}),
    png: async (view) => {
      const canvas = await view.toCanvas(2), paper = document.createElement("canvas");
      [paper.width, paper.height] = [canvas.width, canvas.height];
      const context = paper.getContext("2d");
      context.fillStyle = "#fff";
      context.fillRect(0, 0, paper.width, paper.height);
      context.drawImage(canvas, 0, 0);
      return new Promise((done) => paper.toBlob(done, "image/png"));
    },
  };
  for (const menu of document.querySelectorAll(".menu")) {
    const place = menu.parentNode.querySelector(".chart");
    menu.addEventListener("click", async ({target: {dataset: {kind}}}) => {
      if (!kind) return;
      const spec = JSON.parse(document.querySelector(`script[data-chart="${place.id}"]`).textContent);
      const link = document.createElement("a");
      link.download = `${menu.dataset.name}.${kind}`;
      link.href = URL.createObjectURL(await files[kind](views.get(place.id), spec));
      link.click();
      URL.revokeObjectURL(link.href);
    });
  }

  // --- the sliders ------------------------------------------------------------------------------

  const places = [...document.querySelectorAll(".live, .live-pj, .live-static, .slider output")];
  // Tables whose caption tells a power: the name of their box does so too.
  const captions = [...document.querySelectorAll("caption")].filter((one) => one.querySelector(".live, .live-pj"));
  const written = new Map(places.map((place) => [place, place.textContent]));
  const start = {pj: Number(pj.dataset.value), static: Number(staticMw.dataset.value)};
  let now = {...start};

  const show = () => {
    for (const place of places.filter((one) => one.matches(".live"))) {
      const {pj: perPj, static: perMw} = place.dataset;
      place.textContent = significant(Number(perPj) * now.pj + Number(perMw ?? 0) * now.static);
    }
    const energy = `${Number(now.pj.toPrecision(3))}\u00a0pJ`, power = `${now.static}\u00a0mW`;
    for (const place of document.querySelectorAll(".live-pj")) place.textContent = energy;
    for (const place of document.querySelectorAll(".live-static")) place.textContent = power;
    for (const caption of captions) caption.closest(".scroll").ariaLabel = caption.textContent;
    for (const [slider, words] of [[pj, energy], [staticMw, power]]) {
      $(`${slider.id}-shown`).textContent = words;
      slider.setAttribute("aria-valuetext", words);
    }
    // As Python wrote them: it may round a last digit the other way.
    if (now.pj === start.pj && now.static === start.static) {
      for (const [place, text] of written) place.textContent = text;
    }
    for (const view of views.values()) {
      try { view.signal("pj", now.pj).signal("static_mw", now.static).runAsync(); } catch { /* it has none */ }
    }
    document.dispatchEvent(new CustomEvent("power-changed", {detail: {pj: now.pj, static_mw: now.static}}));
  };
  const move = (pjNow, staticNow) => {
    now = {pj: pjNow, static: staticNow};
    pj.value = Math.log10(pjNow);
    staticMw.value = staticNow;
    show();
  };
  // The address keeps the state: `#pj=27&static=0.42`.
  const follow = () => {
    const told = new URLSearchParams(location.hash.slice(1));
    const within = (name, slider, low, high) => {
      const value = Number(told.get(name) ?? now[name]);
      return Number.isFinite(value) ? Math.min(Math.max(value, low), high) : now[name];
    };
    if (!told.has("pj") && !told.has("static")) return;
    move(within("pj", pj, 10 ** pj.min, 10 ** pj.max), within("static", staticMw, 0, Number(staticMw.max)));
  };
  const keep = () => history.replaceState(null, "", `#pj=${now.pj}&static=${now.static}`);
  pj.addEventListener("input", () => { now.pj = Number((10 ** pj.value).toPrecision(3)); show(); keep(); });
  staticMw.addEventListener("input", () => { now.static = Number(staticMw.value); show(); keep(); });
  $("reset").addEventListener("click", () => { move(start.pj, start.static); keep(); });
  addEventListener("hashchange", follow);
  Promise.all(drawn).then(() => { follow(); root.classList.add("drawn"); });

  // Only what scrolls takes the focus. A box changes its size when a fold, a tab or the window does.
  const focusable = new ResizeObserver((entries) => {
    for (const {target: box} of entries) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  });
  for (const box of document.querySelectorAll(".scroll")) focusable.observe(box);

  // Print shows everything.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open], .menu)")];
    for (const part of closed) part.open = true;
  });
  addEventListener("afterprint", () => { for (const part of closed) part.open = false; });
})();
