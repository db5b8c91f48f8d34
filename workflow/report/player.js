"use strict";
// The players of the recordings A, B, C.
(() => {
  // A short recording is shown in slow motion, a long one faster than it happened.
  const SHORTEST_MS = 6000;
  const LONGEST_MS = 30000;
  // How long each picture stands for readers who ask for less motion.
  const CALM_MS = 500;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  function oneDecimal(number) {
    return number.toLocaleString("en", {maximumFractionDigits: 1});
  }

  function threeDigits(number) {
    return number.toLocaleString("en", {minimumSignificantDigits: 3, maximumSignificantDigits: 3});
  }

  // The smallest round number that isn't smaller: the end of an axis.
  function axisEnd(number) {
    const unit = 10 ** Math.floor(Math.log10(number));
    const steps = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];
    return unit * steps.find((step) => step * unit >= number * 0.999999);
  }

  function startPlayer(root) {
    const facts = JSON.parse(root.querySelector("script").textContent);
    const part = (name) => root.querySelector(`.player-${name}`);
    const sheet = part("sheet").querySelector("img");
    const film = part("film");
    const button = part("button");
    const time = part("time");
    const bars = part("bars");
    const svg = part("plot").querySelector("svg");
    const [width, height] = facts.tile;

    const lastFrame = facts.reads.length - 1;
    const mostSpikes = Math.max(1, ...facts.spikes[lastFrame]);
    const playMs = Math.min(Math.max(facts.duration_ms, SHORTEST_MS), LONGEST_MS);
    const hasExit = facts.exit_ms !== null;
    const endMs = (frame) => Math.min((frame + 1) * facts.frame_ms, facts.duration_ms);
    const exitFrame = facts.synops_per_s.findIndex((_, frame) => hasExit && facts.exit_ms <= endMs(frame));
    const hasStopped = (frame) => hasExit && frame >= exitFrame;

    let frame = 0;
    let request = 0;
    let startedAt = 0;
    let drawnAt = 0;
    const pj = Number(root.dataset.pj);
    const idleMw = Number(root.dataset.staticMw);
    const milliwatts = (synopsPerS) => synopsPerS * pj * 1e-9 + idleMw;

    const rows = facts.names.map((name, label) => {
      const row = document.createElement("div");
      row.className = label === facts.shown ? "player-row shown" : "player-row";
      for (const tag of ["span", "i", "b"]) row.append(document.createElement(tag));
      row.children[0].textContent = name;
      bars.append(row);
      return row;
    });

    function drawFilm() {
      const left = width * (frame % facts.columns);
      const top = height * Math.floor(frame / facts.columns);
      const context = film.getContext("2d");
      context.clearRect(0, 0, width, height);
      context.drawImage(sheet, left, top, width, height, 0, 0, width, height);
    }

    function drawBars() {
      const counts = facts.spikes[frame];
      const words = [];
      for (const [label, row] of rows.entries()) {
        const [, bar, count] = row.children;
        row.classList.toggle("leads", label === facts.reads[frame]);
        bar.style.width = `${100 * counts[label] / mostSpikes}%`;
        count.textContent = counts[label].toLocaleString("en");
        words.push(`${facts.names[label]}: ${counts[label]}`);
      }
      bars.setAttribute("aria-label", `Output spikes so far: ${words.join(", ")}`);
    }

    function readText() {
      const label = facts.reads[frame];
      if (label === null) return "no output spike so far";
      if (hasStopped(frame)) {
        return `stopped after ${oneDecimal(facts.exit_ms)} ms: reads ${facts.names[label]}`;
      }
      return `reads ${facts.names[label]} so far`;
    }

    function powerText() {
      const mean = threeDigits(milliwatts(facts.mean_synops_per_s));
      if (hasStopped(frame)) return `power: stopped (mean ${mean} mW until then)`;
      return `power: ${threeDigits(milliwatts(facts.synops_per_s[frame]))} mW (mean ${mean})`;
    }

    function moveLine(name, ms) {
      const x = 100 * ms / facts.duration_ms;
      part(name).setAttribute("x1", x);
      part(name).setAttribute("x2", x);
    }

    function draw() {
      drawFilm();
      drawBars();
      const isKnown = facts.shown !== null;
      const shown = isKnown ? `shown: ${facts.names[facts.shown]}` : `the ${facts.word} shown is not known`;
      part("read").textContent = `${readText()} (${shown})`;
      part("now").textContent = powerText();
      // In the middle of the frame, whose power is told.
      moveLine("cursor", (frame * facts.frame_ms + endMs(frame)) / 2);
      time.value = frame;
      time.setAttribute("aria-valuetext", `${oneDecimal(endMs(frame))} ms, ${readText()}`);
      part("clock").textContent = `${oneDecimal(endMs(frame))} of ${oneDecimal(facts.duration_ms)} ms`;
    }

    function drawPower() {
      const running = hasExit ? facts.synops_per_s.slice(0, exitFrame + 1) : facts.synops_per_s;
      const power = running.map(milliwatts);
      const top = axisEnd(Math.max(...power, 1e-9));
      const y = (value) => (100 - 100 * value / top).toFixed(2);
      const path = [];
      let x = 0;
      for (const [number, value] of power.entries()) {
        // A step from the frame's beginning to its end.
        path.push(`${x.toFixed(2)} ${y(value)}`);
        x = 100 * endMs(number) / facts.duration_ms;
        path.push(`${x.toFixed(2)} ${y(value)}`);
      }
      svg.querySelector("path").setAttribute("d", `M${path.join("L")}`);

      const mean = y(milliwatts(facts.mean_synops_per_s));
      part("mean").setAttribute("y1", mean);
      part("mean").setAttribute("y2", mean);
      part("top").textContent = `${top.toLocaleString("en", {maximumSignificantDigits: 2})} mW`;
      const lowest = threeDigits(Math.min(...power));
      const highest = threeDigits(Math.max(...power));
      svg.setAttribute("aria-label", `Power over time: from ${lowest} to ${highest} mW, the dashed line is the mean`);
      draw();
    }

    function markExit() {
      part("exit").toggleAttribute("hidden", !hasExit);
      part("stop").textContent = hasExit ? `stops at ${oneDecimal(facts.exit_ms)} ms` : "";
      if (hasExit) moveLine("exit", facts.exit_ms);
    }

    function pause() {
      cancelAnimationFrame(request);
      request = 0;
      button.textContent = "Play";
    }

    function step(now) {
      if (!root.offsetParent) {
        pause();
        return;
      }
      request = requestAnimationFrame(step);
      if (calm.matches && now - drawnAt < CALM_MS) return;
      drawnAt = now;
      // The browser's time of a frame may lie before `startedAt`.
      const share = Math.max(0, now - startedAt) / playMs;
      frame = Math.min(lastFrame, Math.floor(facts.reads.length * share));
      draw();
      if (frame === lastFrame) pause();
    }

    function play() {
      if (frame === lastFrame) frame = 0;
      startedAt = performance.now() - playMs * frame / facts.reads.length;
      button.textContent = "Pause";
      request = requestAnimationFrame(step);
    }

    button.addEventListener("click", () => {
      if (request) pause();
      else play();
    });
    time.addEventListener("input", () => {
      pause();
      frame = Number(time.value);
      draw();
    });

    film.width = width;
    film.height = height;
    time.max = lastFrame;
    part("last").textContent = `${oneDecimal(facts.duration_ms)} ms`;
    markExit();
    root.classList.add("alive");
    part("live").hidden = false;
    sheet.decode().then(drawPower);
  }

  document.querySelectorAll(".player").forEach(startPlayer);
})();
