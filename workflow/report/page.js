"use strict";
// The page's own script: it draws the charts alive, saves them, and lets prices follow three sliders.
(() => {
  const root = document.documentElement;
  root.classList.add("script");

  // As the page's tables write numbers: three significant digits, thousands separated.
  function significant(number) {
    if (number === 0) return "0";
    const exponent = Number(number.toExponential(2).split("e")[1]);
    // A whole number has no zeros behind the point.
    const isWhole = Number.isInteger(Number(number.toPrecision(9)));
    const digits = isWhole ? 0 : Math.max(0, 2 - exponent);
    return number.toLocaleString("en-US", {minimumFractionDigits: digits, maximumFractionDigits: digits});
  }

  // --- the charts -------------------------------------------------------------------------------

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  document.body.append(tip);

  function showTip(_, event, item, value) {
    tip.hidden = !value;
    if (!value) return;
    tip.textContent = typeof value === "object" ? Object.values(value).join(" ") : value;
    const left = Math.min(event.clientX + 12, window.innerWidth - tip.offsetWidth - 8);
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${event.clientY + 14}px`;
  }

  const charts = new Map();

  function hasSignal(spec, name) {
    return Boolean(spec.signals?.some((signal) => signal.name === name));
  }

  async function draw(element) {
    const place = document.getElementById(element.dataset.chart);
    const still = [...place.childNodes];
    const spec = JSON.parse(element.textContent);
    // On a phone the panels of some charts stand one below the other.
    if (innerWidth < 768 && hasSignal(spec, "stacks")) spec.layout.columns = 1;
    const live = document.createElement("div");
    place.append(live);
    try {
      const {view} = await vegaEmbed(live, spec, {
        mode: "vega", ast: true, actions: false, renderer: "svg", defaultStyle: false, tooltip: showTip,
      });
      charts.set(place.id, {view, spec, isPriced: hasSignal(spec, "pj")});
    } catch (error) {
      // The still picture stays.
      live.remove();
      throw error;
    }
    for (const node of still) node.remove();
    const svg = live.querySelector("svg");
    // The place's own words say what it shows; Vega's roles of its marks have none.
    svg.setAttribute("aria-hidden", "true");
    // The drawing scales with the page; its own size is only its shape.
    svg.setAttribute("viewBox", `0 0 ${svg.getAttribute("width")} ${svg.getAttribute("height")}`);
  }

  // --- the sliders ------------------------------------------------------------------------------

  const sliders = [...document.querySelectorAll(".slider input")];
  const prices = {};
  const outputs = document.querySelectorAll(".slider output");
  const amounts = document.querySelectorAll(".live");
  const savings = document.querySelectorAll(".live-saved");
  const verdicts = document.querySelectorAll(".live-cheaper");
  const settings = document.querySelectorAll(".live-pj, .live-mac, .live-static");
  // Tables whose caption tells a price: the name of their box does so too.
  const captions = [...document.querySelectorAll("caption")].filter(
    (caption) => caption.querySelector(".live, .live-pj, .live-mac"));
  const written = new Map();
  for (const place of [...outputs, ...amounts, ...savings, ...verdicts, ...settings]) {
    written.set(place, place.textContent);
  }

  function isLogarithmic(slider) {
    return slider.dataset.scale === "log";
  }

  function startPrice(slider) {
    return Number(slider.dataset.price);
  }

  function priceOf(slider) {
    const place = Number(slider.value);
    return isLogarithmic(slider) ? Number((10 ** place).toPrecision(3)) : place;
  }

  function placeOf(slider, price) {
    return isLogarithmic(slider) ? Math.log10(price) : price;
  }

  function priceText(slider) {
    return `${prices[slider.id]}\u00a0${slider.dataset.unit}`;
  }

  function isAtStart() {
    return sliders.every((slider) => prices[slider.id] === startPrice(slider));
  }

  // A place's data hold, by slider, what each unit of its price adds.
  function amountOf(data, prefix = "") {
    let sum = 0;
    for (const {id} of sliders) sum += Number(data[prefix + id] ?? 0) * prices[id];
    return sum;
  }

  function showNumbers() {
    for (const place of amounts) place.textContent = significant(amountOf(place.dataset));
    for (const place of savings) {
      const share = 1 - amountOf(place.dataset) / amountOf(place.dataset, "whole_");
      place.textContent = `${Math.round(100 * share)}\u00a0%`;
    }
    for (const place of verdicts) {
      const {spiking, cnn} = place.dataset;
      place.textContent = amountOf(place.dataset) < 0 ? spiking : cnn;
    }
    for (const slider of sliders) {
      const places = document.querySelectorAll(`.live-${slider.id}, #${slider.id}-shown`);
      for (const place of places) place.textContent = priceText(slider);
    }
    // As Python wrote them: it may round a last digit the other way.
    if (isAtStart()) {
      for (const [place, text] of written) place.textContent = text;
    }
    for (const caption of captions) caption.closest(".scroll").ariaLabel = caption.textContent;
  }

  function show() {
    showNumbers();
    for (const slider of sliders) slider.setAttribute("aria-valuetext", priceText(slider));
    for (const {view, isPriced} of charts.values()) {
      if (!isPriced) continue;
      for (const slider of sliders) view.signal(slider.dataset.signal, prices[slider.id]);
      view.runAsync();
    }
    const detail = {pj: prices.pj, static_mw: prices.static};
    document.dispatchEvent(new CustomEvent("power-changed", {detail}));
  }

  // Sets the prices that are given by slider, and all others as the study ran.
  function setPrices(given) {
    for (const slider of sliders) {
      const price = Number(given[slider.id] ?? startPrice(slider));
      prices[slider.id] = price;
      slider.value = placeOf(slider, price);
    }
    show();
  }

  // --- the address keeps the prices: `?pj=27&mac=3&static=0.42#cnn` -----------------------------

  function isOnSlider(slider, text) {
    const place = placeOf(slider, Number(text));
    // The slider's ends are rounded.
    const isWithin = place >= Number(slider.min) - 1e-3 && place <= Number(slider.max) + 1e-3;
    return text.trim() !== "" && isWithin;
  }

  // The prices in the address; none if one of them is no price of its slider.
  function pricesInAddress() {
    const query = new URLSearchParams(location.search);
    const given = {};
    for (const slider of sliders) {
      const text = query.get(slider.id);
      if (text === null) continue;
      if (!isOnSlider(slider, text)) return {};
      given[slider.id] = Number(text);
    }
    return given;
  }

  function writeAddress() {
    const query = new URLSearchParams();
    for (const slider of sliders) {
      const price = prices[slider.id];
      if (price !== startPrice(slider)) query.set(slider.id, price);
    }
    const search = query.size > 0 ? `?${query}` : "";
    history.replaceState(null, "", location.pathname + search + location.hash);
  }

  for (const slider of sliders) {
    slider.addEventListener("input", () => {
      prices[slider.id] = priceOf(slider);
      show();
    });
    // A drag writes the address once, at its end: browsers limit how often a page may.
    slider.addEventListener("change", writeAddress);
  }
  for (const button of document.querySelectorAll(".preset")) {
    button.addEventListener("click", () => {
      setPrices(button.dataset);
      writeAddress();
    });
  }
  // An address that the reader goes back to may hold earlier prices.
  addEventListener("popstate", writeAddress);

  const specs = [...document.querySelectorAll("script[data-chart]")];
  setPrices(pricesInAddress());
  Promise.allSettled(specs.map(draw)).then(() => {
    show();
    root.classList.add("drawn");
  });

  // --- a chart's menu ---------------------------------------------------------------------------

  const NOTE_PX = 11;
  const LINE_PX = 15;
  const MARGIN_PX = 8;

  function csvCell(value) {
    const text = String(value ?? "");
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  // The rows that a chart shows, as CSV: all columns of its data.
  function csvOf({spec}) {
    const rows = spec.data.flatMap(({values}) => (Array.isArray(values) ? values : []));
    const names = [...new Set(rows.flatMap(Object.keys))];
    const lines = [names, ...rows.map((row) => names.map((name) => row[name]))];
    return lines.map((line) => `${line.map(csvCell).join(",")}\n`).join("");
  }

  // What a picture must say away from the page: which recordings are simulated, and the prices.
  function notesOf(menu, {isPriced}) {
    const notes = [];
    if (menu.dataset.note) notes.push(menu.dataset.note);
    if (isPriced) {
      const parts = sliders.map((slider) => `${slider.dataset.label} ${priceText(slider)}`);
      notes.push(`Prices: ${parts.join(", ")}.`);
    }
    return notes;
  }

  // Breaks a sentence into lines that fit a width.
  function linesOf(sentence, widthPx) {
    const mostLetters = Math.floor(widthPx / (0.62 * NOTE_PX));
    const lines = [""];
    for (const word of sentence.split(" ")) {
      const line = `${lines.at(-1)} ${word}`.trim();
      if (line.length > mostLetters) lines.push(word);
      else lines[lines.length - 1] = line;
    }
    return lines;
  }

  // The chart as an SVG on white paper, its notes below it.
  async function svgOf(menu, chart) {
    const text = (await chart.view.toSVG()).replaceAll("currentColor", "#1b1f24");
    const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    const width = Number(svg.getAttribute("width"));
    const chartHeight = Number(svg.getAttribute("height"));
    const lines = notesOf(menu, chart).flatMap((note) => linesOf(note, width - 2 * MARGIN_PX));
    const height = chartHeight + lines.length * LINE_PX + MARGIN_PX;
    svg.setAttribute("height", height);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);

    const paper = document.createElementNS(svg.namespaceURI, "rect");
    paper.setAttribute("width", width);
    paper.setAttribute("height", height);
    paper.setAttribute("fill", "#fff");
    svg.prepend(paper);
    for (const [number, line] of lines.entries()) {
      const note = document.createElementNS(svg.namespaceURI, "text");
      note.setAttribute("x", MARGIN_PX);
      note.setAttribute("y", chartHeight + (number + 1) * LINE_PX - 4);
      note.setAttribute("font-size", `${NOTE_PX}px`);
      note.setAttribute("font-family", "DejaVu Sans, Verdana, sans-serif");
      note.setAttribute("fill", "#1b1f24");
      note.textContent = line;
      svg.append(note);
    }
    return {width, height, text: new XMLSerializer().serializeToString(svg)};
  }

  async function pngOf({width, height, text}) {
    const picture = new Image();
    picture.src = `data:image/svg+xml,${encodeURIComponent(text)}`;
    await picture.decode();
    const paper = document.createElement("canvas");
    paper.width = 2 * width;
    paper.height = 2 * height;
    paper.getContext("2d").drawImage(picture, 0, 0, paper.width, paper.height);
    return new Promise((done) => paper.toBlob(done, "image/png"));
  }

  async function fileOf(kind, menu, chart) {
    if (kind === "csv") return new Blob([csvOf(chart)], {type: "text/csv"});
    const svg = await svgOf(menu, chart);
    if (kind === "png") return pngOf(svg);
    return new Blob([svg.text], {type: "image/svg+xml"});
  }

  for (const menu of document.querySelectorAll(".menu")) {
    const place = menu.parentNode.querySelector(".chart");
    menu.addEventListener("click", async (event) => {
      const {kind} = event.target.dataset;
      if (!kind) return;
      const link = document.createElement("a");
      link.download = `${menu.dataset.name}.${kind}`;
      link.href = URL.createObjectURL(await fileOf(kind, menu, charts.get(place.id)));
      link.click();
      URL.revokeObjectURL(link.href);
    });
  }

  // --- the page itself --------------------------------------------------------------------------

  // Only what scrolls takes the focus. A box changes its size when a fold or the window does.
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
  addEventListener("afterprint", () => {
    for (const part of closed) part.open = false;
  });
})();
