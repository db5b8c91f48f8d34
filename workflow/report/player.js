// The players of the recordings A, B, C. The event `power-changed` of the document, with a detail of
// `pj` per SynOp and `static_mw`, changes their milliwatts.
(function () {
  "use strict";

  // A short recording is shown in slow motion, a long one faster than it happened.
  const SHORTEST_MS = 6000, LONGEST_MS = 30000;
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const one = (number) => number.toLocaleString("en", { maximumFractionDigits: 1 });
  // The smallest round number that isn't smaller: the end of an axis.
  function round(number) {
    const unit = 10 ** Math.floor(Math.log10(number));
    return unit * [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((step) => step * unit >= number * 0.999999);
  }
  const three = (number) => number.toLocaleString("en", {
    minimumSignificantDigits: 3, maximumSignificantDigits: 3,
  });

  function player(root) {
    const part = (name) => root.querySelector(".player-" + name);
    const facts = JSON.parse(root.querySelector("script").textContent);
    const sheet = part("sheet").querySelector("img"), film = part("film");
    const button = part("button"), range = part("time"), bars = part("bars");
    const svg = part("plot").querySelector("svg"), line = svg.querySelector("path");
    const n = facts.reads.length, [width, height] = facts.tile;
    const most = Math.max(1, ...facts.spikes[n - 1]);
    const playMs = Math.min(Math.max(facts.duration_ms, SHORTEST_MS), LONGEST_MS);
    const end = (i) => Math.min((i + 1) * facts.frame_ms, facts.duration_ms);
    let frame = 0, request = 0, began = 0, touched = false;
    let pj = Number(root.dataset.pj), base = Number(root.dataset.staticMw);
    const milliwatts = (rate) => rate * pj * 1e-9 + base;

    const rows = facts.names.map((name, label) => {
      const row = bars.appendChild(document.createElement("div"));
      row.className = label === facts.shown ? "player-row shown" : "player-row";
      ["span", "i", "b"].forEach((tag) => row.append(document.createElement(tag)));
      row.children[0].textContent = name;
      return row;
    });

    function draw() {
      const counts = facts.spikes[frame], reads = facts.reads[frame], ms = end(frame);
      const context = film.getContext("2d");
      context.clearRect(0, 0, width, height);
      context.drawImage(sheet, width * (frame % facts.columns),
        height * Math.floor(frame / facts.columns), width, height, 0, 0, width, height);
      rows.forEach((row, label) => {
        row.classList.toggle("leads", label === reads);
        row.children[1].style.width = 100 * counts[label] / most + "%";
        row.children[2].textContent = counts[label].toLocaleString("en");
      });
      const read = reads === null ? "no output spike so far" : "reads " + facts.names[reads] + " so far";
      const shown = facts.shown === null ? "the " + facts.word + " shown is not known" :
        "shown: " + facts.names[facts.shown];
      part("read").textContent = read + " (" + shown + ")";
      bars.setAttribute("aria-label", "Output spikes so far: " +
        counts.map((count, label) => facts.names[label] + ": " + count).join(", "));
      part("now").textContent = "power: " + three(milliwatts(facts.synops_per_s[frame])) +
        " mW (mean " + three(milliwatts(facts.mean_synops_per_s)) + ")";
      // In the middle of the frame, whose power is told.
      const x = 50 * (frame * facts.frame_ms + ms) / facts.duration_ms;
      part("cursor").setAttribute("x1", x);
      part("cursor").setAttribute("x2", x);
      range.value = frame;
      part("clock").textContent = one(ms) + " of " + one(facts.duration_ms) + " ms";
      range.setAttribute("aria-valuetext", one(ms) + " ms, " + read);
    }

    function drawPower() {
      const power = facts.synops_per_s.map(milliwatts);
      const top = round(Math.max(...power, 1e-9));
      const y = (value) => (100 - 100 * value / top).toFixed(2);
      let path = "", x = 0;
      power.forEach((value, i) => {
        // A step from the frame's beginning to its end.
        path += (i ? "L" : "M") + x.toFixed(2) + " " + y(value);
        x = 100 * end(i) / facts.duration_ms;
        path += "L" + x.toFixed(2) + " " + y(value);
      });
      line.setAttribute("d", path);
      const mean = y(milliwatts(facts.mean_synops_per_s));
      part("mean").setAttribute("y1", mean);
      part("mean").setAttribute("y2", mean);
      part("top").textContent = top.toLocaleString("en", { maximumSignificantDigits: 2 }) + " mW";
      svg.setAttribute("aria-label", "Power over time: from " + three(Math.min(...power)) +
        " to " + three(Math.max(...power)) + " mW, the dashed line is the mean");
      draw();
    }

    function pause() {
      cancelAnimationFrame(request);
      request = 0;
      button.textContent = "Play";
    }

    function step(now) {
      if (!root.offsetParent) return pause();
      // The browser's time of a frame may lie before `began`.
      frame = Math.min(n - 1, Math.max(0, Math.floor(n * (now - began) / playMs)));
      draw();
      if (frame === n - 1) return pause();
      request = requestAnimationFrame(step);
    }

    function play() {
      if (frame === n - 1) frame = 0;
      began = performance.now() - playMs * frame / n;
      button.textContent = "Pause";
      request = requestAnimationFrame(step);
    }

    button.addEventListener("click", () => {
      touched = true;
      if (request) pause(); else play();
    });
    range.addEventListener("input", () => {
      touched = true;
      pause();
      frame = Number(range.value);
      draw();
    });
    document.addEventListener("power-changed", (event) => {
      pj = event.detail.pj;
      base = event.detail.static_mw;
      drawPower();
    });
    film.width = width;
    film.height = height;
    range.max = n - 1;
    part("last").textContent = one(facts.duration_ms) + " ms";
    root.classList.add("alive");
    part("live").hidden = false;
    sheet.decode().then(drawPower);
    // It plays by itself once, and never for readers who asked for less motion.
    const watch = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watch.disconnect();
      if (!touched && !still.matches) play();
    }, { threshold: 0.5 });
    watch.observe(film);
  }

  document.querySelectorAll(".player").forEach(player);
}());
