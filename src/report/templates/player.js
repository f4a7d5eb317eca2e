"use strict";
// Steps of perturbation curves on one ECG. Every number is the run's own: nothing is computed but where it is drawn.
for (const root of document.querySelectorAll("[data-player]")) {
  const data = JSON.parse(root.querySelector("script").textContent);
  const part = (name) => root.querySelector(`[data-${name}]`), parts = (name) => [...root.querySelectorAll(`[data-${name}]`)];
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
  // Names and readings stand twice for each track: beside the gauge and above the paper.
  const both = (name, place) => parts(name).filter((_, i) => i % 3 === place);
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const slider = part("step"), play = part("play"), ecgSelect = part("ecg"), leadSelect = part("lead"), methodSelects = parts("method");
  const { steps } = data, random = data.shown[2];
  let k = steps, drawn = null, held = steps, timer = 0, ecg, sheet, cells, ticks, read, tracks, mark, dots;

  data.ecgs.forEach((each, i) => ecgSelect.add(new Option(each.name, i)));
  methodSelects.forEach((select, place) => {
    data.methods.forEach((m, i) => i !== random && select.add(new Option(m.label, i)));
    select.value = data.shown[place];
  });
  data.ecgs[0].sheet.cells.forEach((cell, i) => leadSelect.add(new Option(cell.name, i)));
  // Three papers of twelve leads are long below each other.
  if (matchMedia("(max-width: 50rem)").matches) leadSelect.value = data.most;
  part("live").hidden = false;

  function add(parent, name, attributes, text = "") {
    const made = document.createElementNS(part("lines").namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return parent.appendChild(made);
  }

  function value(number) {
    const text = number.toFixed(ecg.places);
    return `${text.replace("-", Number(text) === 0 ? "" : "−")} ${data.unit}`.trim();
  }

  function choose() {
    ecg = data.ecgs[ecgSelect.value];
    ({ sheet, ticks } = ecg);
    cells = sheet.cells;
    const points = trace(ecg.x), after = trace(ecg.after), units = new Uint16Array(bytes(ecg.units));
    const numbers = new Float64Array(bytes(ecg.read));
    read = data.methods.map((_, m) => numbers.subarray(m * (steps + 1), (m + 1) * (steps + 1)));
    const places = [...methodSelects.map((select) => Number(select.value)), random];
    tracks = places.map((method, place) => {
      const look = data.methods[method], svg = parts("paper")[place];
      const box = view(points, after), size = Math.min(3.2, box[2] / 26);
      paper(svg, points, box, size);
      const halo = { class: "changed", stroke: look.colour, "stroke-width": 0.6 * size }, line = { class: "trace" };
      const [halos, traces] = [halo, line].map((each) => cells.map(() => add(svg, "path", each)));
      const made = { method, look, svg, halos, traces, points, after, when: when(ecg.orders[method], units) };
      for (const each of both("name", place)) each.textContent = look.label;
      const key = parts("key")[place];
      key.setAttribute("stroke", look.colour);
      key.setAttribute("stroke-dasharray", look.dash);
      for (const each of ["way", "now"]) parts(each)[place].style.background = look.colour;
      return made;
    });
    part("tracks").classList.toggle("long", sheet.cell_width > 100);
    drawn = null;
    scale();
    lines();
    draw();
  }

  // Where each sample lies on the paper, as "across down" in mm.
  function trace(text) {
    const x = new Int16Array(bytes(text)), length = x.length / cells.length, mm = (1000 / data.fs) * data.mmPerMs;
    return cells.map((cell, c) => Array.from({ length }, (_, i) =>
      `${(cell.left + i * mm).toFixed(2)} ${(cell.zero - (x[c * length + i] / 1000) * data.mmPerMv).toFixed(2)}`));
  }

  // The step that changes each sample; beyond the last where none does.
  function when(order, units) {
    const count = Math.max(...units) + 1, step = new Map();
    new Uint32Array(bytes(order)).forEach((unit, i) => step.set(unit, i + 1));
    return data.leads.map((lead) => Array.from(units, (unit) => step.get(lead * count + unit) ?? steps + 1));
  }

  // The part of the paper that is shown: all of it but the lower edge, or one lead.
  function view(points, after) {
    if (leadSelect.value === "") return [0, 0, sheet.width, sheet.height - 5];
    const cell = cells[leadSelect.value], down = [points, after].flatMap((each) => each[leadSelect.value].map((at) => Number(at.split(" ")[1])));
    const top = Math.min(cell.label - 2, ...down) - 2;
    return [cell.left - 2, top, sheet.cell_width + 4, Math.max(...down) + 2 - top];
  }

  function paper(svg, points, box, size) {
    const { width, height } = sheet;
    svg.replaceChildren();
    svg.setAttribute("viewBox", box.join(" "));
    add(svg, "rect", { width, height, fill: "#fffdfb" });
    for (const [mm, stroke, wide] of [[1, "#f4e3df", 0.6], [5, "#e4bfb8", 1]]) {
      let d = "";
      for (let at = 0; at <= width; at += mm) d += `M${at} 0V${height}`;
      for (let at = 0; at <= height; at += mm) d += `M0 ${at}H${width}`;
      add(svg, "path", { d, stroke, "stroke-width": wide });
    }
    for (const zero of sheet.zeros) add(svg, "path", { class: "trace", d: `M8 ${zero}H9V${zero - 10}H14V${zero}` });
    for (const cell of cells) add(svg, "text", { x: cell.left + 0.3, y: cell.label + 1, "font-size": size }, cell.name);
    add(svg, "path", { class: "before", d: points.map((each) => `M${each.join("L")}`).join("") });
  }

  const share = (number) => (number - ticks[0][0]) / (ticks.at(-1)[0] - ticks[0][0]);
  const across = (number) => `${(100 * share(number)).toFixed(2)}%`;

  // What the gauge has at every step: its ticks, the start and the label.
  function scale() {
    const start = read[0][0], known = ecg.label !== null;
    part("start").textContent = `before ${value(start)}`;
    part("label").textContent = known ? ecg.labelled : "";
    for (const [name, number] of [["start", start], ["label", known ? ecg.label : start]]) {
      part(name).style.setProperty("--at", across(number));
      for (const line of parts(`${name}-line`)) line.style.left = across(number);
    }
    for (const line of parts("label-line")) line.hidden = !known;
    part("ticks").replaceChildren(...ticks.map(([number, text]) => {
      const tick = document.createElement("span");
      tick.textContent = text;
      tick.style.left = across(number);
      return tick;
    }));
  }

  const right = (step) => 52 + (396 * step) / steps, down = (number) => 164 - 152 * share(number);

  function lines() {
    const svg = part("lines"), middle = { "text-anchor": "middle" };
    svg.replaceChildren();
    for (const [number, text] of ticks) {
      add(svg, "path", { class: "rule", d: `M52 ${down(number)}H448` });
      add(svg, "text", { x: 46, y: down(number) + 4, "text-anchor": "end" }, text);
    }
    if (ecg.label !== null) add(svg, "path", { class: "label", d: `M52 ${down(ecg.label)}H448` });
    for (const step of [0, steps]) add(svg, "text", { x: right(step), y: 180, ...middle }, step);
    add(svg, "text", { x: 250, y: 194, ...middle }, `${data.of} changed`);
    mark = add(svg, "path", { class: "mark" });
    dots = tracks.map(({ method, look }) => {
      const d = `M${Array.from(read[method], (number, step) => `${right(step).toFixed(1)} ${down(number).toFixed(1)}`).join("L")}`;
      add(svg, "path", { d, stroke: look.colour, "stroke-width": 2, fill: "none", "stroke-dasharray": look.dash });
      return add(svg, "circle", { r: 4.5, fill: look.colour });
    });
  }

  function draw() {
    const said = tracks.map((track, place) => {
      const number = read[track.method][k], start = share(read[track.method][0]), now = share(number);
      const way = parts("way")[place].style;
      way.left = `${100 * Math.min(start, now)}%`;
      way.width = `${100 * Math.abs(now - start)}%`;
      parts("now")[place].style.left = across(number);
      for (const each of both("read", place)) each.textContent = value(number);
      track.when.forEach((step, c) => differs(step) && drawLead(track, step, c));
      track.svg.setAttribute("aria-label", `ECG ${ecg.name}: ${k} ${data.of} changed in the order of ${track.look.label}`);
      dots[place].setAttribute("cx", right(k));
      dots[place].setAttribute("cy", down(number));
      return `${track.look.label} ${value(number)}`;
    });
    drawn = k;
    mark.setAttribute("d", `M${right(k)} 12V164`);
    part("lines").setAttribute("aria-label", `What the network reads after each step; after ${k}: ${said.join(", ")}`);
    part("count").textContent = `${k} of ${steps} ${data.of}`;
    slider.value = k;
    slider.setAttribute("aria-valuetext", `${k} of ${steps} ${data.of}: ${said.join(", ")}`);
  }

  // Whether a lead is another one at this step than as it is drawn; the browser paints only what is touched.
  function differs(step) {
    return drawn === null || step.some((own) => own <= k !== own <= drawn);
  }

  // The trace, and below it the changed samples, each run of neighbours as a line.
  function drawLead({ halos, traces, points, after }, step, c) {
    let halo = "";
    const line = points[c].map((point, i) => {
      if (step[i] > k) return point;
      halo += step[i - 1] <= k ? `L${after[c][i]}` : `M${after[c][i]}h0`;
      return after[c][i];
    });
    halos[c].setAttribute("d", halo);
    traces[c].setAttribute("d", `M${line.join("L")}`);
  }

  function go(step) { k = step; draw(); }
  function stop() { clearInterval(timer); timer = 0; play.textContent = "Play"; }

  play.addEventListener("click", () => {
    if (timer) return stop();
    if (still.matches) return go(k < steps ? steps : 0);
    if (k === steps) go(0);
    play.textContent = "Pause";
    timer = setInterval(() => (k < steps ? go(k + 1) : stop()), Math.max(40, 6000 / steps));
  });
  slider.addEventListener("input", () => { stop(); go(Number(slider.value)); });
  slider.addEventListener("keydown", (event) => { if (event.key === " ") { event.preventDefault(); play.click(); } });
  for (const select of [ecgSelect, leadSelect, ...methodSelects]) select.addEventListener("change", choose);
  addEventListener("beforeprint", () => { stop(); held = k; go(steps); });
  addEventListener("afterprint", () => go(held));
  choose();
}
