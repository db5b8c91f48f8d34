"use strict";
// The page's own script: it draws the charts alive and saves them.
(() => {
  const root = document.documentElement;
  root.classList.add("script");

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

  async function draw(element) {
    const place = document.getElementById(element.dataset.chart);
    const still = [...place.childNodes];
    const spec = JSON.parse(element.textContent);
    // On a phone the panels of some charts stand one below the other.
    const canStack = spec.signals?.some((signal) => signal.name === "stacks");
    if (innerWidth < 768 && canStack) spec.layout.columns = 1;
    const live = document.createElement("div");
    place.append(live);
    try {
      const {view} = await vegaEmbed(live, spec, {
        mode: "vega", ast: true, actions: false, renderer: "svg", defaultStyle: false, tooltip: showTip,
      });
      charts.set(place.id, {view, spec});
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

  const specs = [...document.querySelectorAll("script[data-chart]")];
  Promise.allSettled(specs.map(draw)).then(() => root.classList.add("drawn"));

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

  // The chart as an SVG on white paper; below it stands what it must say away from the page.
  async function svgOf(menu, chart) {
    const text = (await chart.view.toSVG()).replaceAll("currentColor", "#1b1f24");
    const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    const width = Number(svg.getAttribute("width"));
    const chartHeight = Number(svg.getAttribute("height"));
    const {note} = menu.dataset;
    const lines = note ? linesOf(note, width - 2 * MARGIN_PX) : [];
    const height = chartHeight + lines.length * LINE_PX + MARGIN_PX;
    svg.setAttribute("height", height);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);

    const paper = document.createElementNS(svg.namespaceURI, "rect");
    paper.setAttribute("width", width);
    paper.setAttribute("height", height);
    paper.setAttribute("fill", "#fff");
    svg.prepend(paper);
    for (const [number, line] of lines.entries()) {
      const row = document.createElementNS(svg.namespaceURI, "text");
      row.setAttribute("x", MARGIN_PX);
      row.setAttribute("y", chartHeight + (number + 1) * LINE_PX - 4);
      row.setAttribute("font-size", `${NOTE_PX}px`);
      row.setAttribute("font-family", "DejaVu Sans, Verdana, sans-serif");
      row.setAttribute("fill", "#1b1f24");
      row.textContent = line;
      svg.append(row);
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
