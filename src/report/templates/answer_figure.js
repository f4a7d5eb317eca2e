"use strict";
// Plays the figure of an answer once. Every number is the run's own: nothing is computed but where it is drawn.
const PLAYED_MS = 6000;
for (const root of document.querySelectorAll("[data-figure]")) {
  const kept = root.querySelector("script");
  if (!kept) continue;
  const data = JSON.parse(kept.textContent), one = (name) => root.querySelector(`[data-${name}]`);
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const [play, slider, ecgs, leads] = ["play", "step", "ecg", "lead"].map(one), steps = Number(slider.max);
  const rows = [...root.querySelectorAll("[data-row]")].map((row) => {
    const needle = row.querySelector("[data-needle]"), cells = row.querySelector("[data-cells]");
    return { cells: [...cells.children], lane: cells.closest(".lane"), start: needle?.querySelector(".start"),
      way: needle?.querySelector(".way"), now: needle?.querySelector(".now") };
  });
  let ecg, at = steps, shown = steps, frame = 0, chosen = false;

  data.ecgs.forEach((each, i) => ecgs.add(new Option(each.name, i)));
  data.leads.forEach((name, i) => leads.add(new Option(name, i)));
  leads.value = data.lead;
  one("live").hidden = false;

  const percent = (share) => `${(100 * share).toFixed(2)}%`;
  function axis(name, marks) {
    one(name).replaceChildren(...marks.map(([first, second]) => {
      const mark = document.createElement("span"), at = typeof first === "number" ? first : second;
      mark.textContent = at === first ? second : first;
      mark.style.left = percent(at);
      return mark;
    }));
  }

  function choose() {
    ecg = data.ecgs[ecgs.value];
    const { length, tallest } = ecg, lead = Number(leads.value);
    const points = Uint8Array.from(atob(ecg.traces[lead]), (c) => c.charCodeAt(0));
    const across = length / (points.length - 1);
    one("trace").setAttribute("d", `M${Array.from(points, (y, i) => `${(i * across).toFixed(1)} ${(y / 2.55).toFixed(1)}`).join("L")}`);
    const region = ecg.region.map(([a, b]) => `M${a} 0H${b}V100H${a}z`).join("");
    for (const each of root.querySelectorAll("[data-region]")) each.setAttribute("d", region);
    one("grid").setAttribute("d", ecg.squares.map((x) => `M${x} 0V100`).join("") + ecg.grids[lead].map((y) => `M0 ${100 * y}H${length}`).join(""));
    axis("waves", ecg.waves);
    axis("ticks", ecg.ticks);
    rows.forEach(({ cells, lane, start }, r) => {
      const [paper, stack, trace] = lane.children;
      for (const each of [paper, trace]) each.setAttribute("viewBox", `0 0 ${length} 100`);
      stack.setAttribute("viewBox", `0 0 ${length} ${tallest}`);
      cells.forEach((cell, k) => {
        cell.setAttribute("d", ecg.cells[r][k]);
        cell.classList.toggle("elsewhere", chosen && ecg.of[r][k] !== data.numbers[lead]);
      });
      for (const end of start ? ["x1", "x2"] : []) start.setAttribute(end, percent(ecg.read[r][0]));
    });
    draw(at);
  }

  // Between two steps needles are on their way; cells come whole.
  function draw(step) {
    at = step;
    const whole = Math.floor(step), way = step - whole, eased = way * way * (3 - 2 * way);
    rows.forEach(({ cells, way: line, now }, r) => {
      for (let k = Math.min(whole, shown); k < Math.max(whole, shown); k++) cells[k]?.setAttribute("visibility", k < whole ? "visible" : "hidden");
      if (!now) return;
      const read = ecg.read[r], here = read[whole] + eased * ((read[whole + 1] ?? read[whole]) - read[whole]);
      now.setAttribute("x", percent(here));
      now.firstChild.setAttribute("transform", here < read[0] ? "scale(-1 1)" : "");
      line.setAttribute("x1", percent(read[0]));
      line.setAttribute("x2", percent(here));
    });
    shown = whole;
    if (Number(slider.value) !== whole) slider.value = whole;
    slider.setAttribute("aria-valuetext", `${whole} of ${steps}`);
  }

  function stop() { cancelAnimationFrame(frame); frame = 0; play.textContent = "Play"; }
  function start() {
    if (still.matches) return draw(at < steps ? steps : 0);
    const from = at >= steps ? 0 : at, begun = performance.now();
    play.textContent = "Pause";
    const next = (now) => {
      const step = Math.min(from + (steps * Math.max(now - begun, 0)) / PLAYED_MS, steps);
      draw(step);
      if (step < steps) frame = requestAnimationFrame(next);
      else stop();
    };
    frame = requestAnimationFrame(next);
  }

  play.addEventListener("click", () => (frame ? stop() : start()));
  slider.addEventListener("input", () => { stop(); draw(Number(slider.value)); });
  slider.addEventListener("keydown", (event) => { if (event.key === " ") { event.preventDefault(); play.click(); } });
  ecgs.addEventListener("change", choose);
  leads.addEventListener("change", () => { chosen = true; choose(); });
  addEventListener("beforeprint", () => { stop(); draw(steps); });
  choose();
  if (!still.matches) {
    new IntersectionObserver((seen, observer) => {
      if (!seen.some((each) => each.isIntersecting)) return;
      observer.disconnect();
      start();
    }, { threshold: 0.3 }).observe(root);
  }
}
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
}
