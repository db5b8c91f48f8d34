"use strict";
// The page's own script: it draws the charts alive and lets every power figure follow two sliders.
(() => {
  const root = document.documentElement;
  root.classList.add("script");
  const $ = (id) => document.getElementById(id);
  const pj = $("pj"), staticMw = $("static"), views = [];

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
      const {view} = await vegaEmbed(live, JSON.parse(text.textContent), {
        mode: "vega", ast: true, actions: false, renderer: "svg", defaultStyle: false, tooltip: showTip,
      });
      views.push(view);
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

  const has = (view, name) => {
    try { view.signal(name); return true; } catch { return false; }
  };

  const prices = () => ({pj: Number(pj.dataset.value), static_mw: Number(staticMw.value)});

  const places = [...document.querySelectorAll(".live, .live-pj, .sliders output")];
  // Tables whose caption tells a power: the name of their box does so too.
  const captions = [...document.querySelectorAll("caption")].filter((one) => one.querySelector(".live, .live-pj"));
  const written = new Map(places.map((place) => [place, place.textContent]));

  const update = () => {
    const now = prices();
    for (const place of places.filter((one) => one.matches(".live"))) {
      const {pj: perPj, static: perMw, plus, at} = place.dataset;
      place.textContent = significant(
        Number(perPj) * Number(at ?? now.pj) + Number(perMw ?? 0) * now.static_mw + Number(plus ?? 0));
    }
    const energy = `${Number(now.pj.toPrecision(3))}\u00a0pJ`;
    for (const place of document.querySelectorAll(".live-pj")) place.textContent = energy;
    for (const caption of captions) caption.closest(".scroll").ariaLabel = caption.textContent;
    $("pj-shown").textContent = energy;
    $("static-shown").textContent = `${now.static_mw}\u00a0mW`;
    pj.setAttribute("aria-valuetext", energy);
    staticMw.setAttribute("aria-valuetext", `${now.static_mw} mW`);
    for (const view of views) {
      if (has(view, "pj")) view.signal("pj", now.pj).signal("static_mw", now.static_mw).runAsync();
    }
    document.dispatchEvent(new CustomEvent("power-changed", {detail: now}));
  };

  const start = {pj: pj.dataset.value, pjPlace: pj.value, staticMw: staticMw.value};
  pj.addEventListener("input", () => { pj.dataset.value = 10 ** Number(pj.value); update(); });
  staticMw.addEventListener("input", update);
  $("reset").addEventListener("click", () => {
    pj.value = start.pjPlace;
    pj.dataset.value = start.pj;
    staticMw.value = start.staticMw;
    update();
    // As Python wrote them: it may round a last digit the other way.
    for (const [place, text] of written) place.textContent = text;
  });
  Promise.all(drawn).then(() => root.classList.add("drawn"));

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
  window.addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const part of closed) part.open = true;
  });
  window.addEventListener("afterprint", () => { for (const part of closed) part.open = false; });
})();
