"use strict";
const PIXELS_PER_MM = 4.6; // at least: on narrower screens the sheet scrolls
// Heatmaps on ECG paper: everything is drawn in millimetres of the sheet that the page brings.
for (const root of document.querySelectorAll("[data-gallery]")) {
  const data = JSON.parse(root.querySelector("script").textContent);
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
  const part = (name) => root.querySelector(`[data-${name}]`);
  const full = part("full"), multiples = part("multiples"), readout = part("readout");
  const methodSelect = part("method"), ecgSelect = part("ecg");
  const points = Math.floor(data.length / data.width);
  const msPerSample = 1000 / data.fs;
  const short = (value) => (value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(1) : value.toPrecision(2));
  const minus = (text) => text.replaceAll("-", "−");
  let method = 0, ecg = 0, cursor = null;
  let x, segments, map, averaged;

  data.methods.forEach((m, i) => methodSelect.add(new Option(m.label, i)));
  data.records.forEach((r, i) => ecgSelect.add(new Option(r, i)));
  for (const hidden of root.querySelectorAll("[hidden]")) hidden.hidden = false;
  root.querySelector(".static").style.display = "none";

  function choose() {
    x = new Int16Array(bytes(data.x[ecg]));
    segments = new Int8Array(bytes(data.segments[ecg]));
    map = new Int8Array(bytes(data.maps[method][ecg]));
    averaged = data.averaged.map((each) => new Int8Array(bytes(each[ecg])));
    draw();
  }

  function draw() {
    const context = paper(full, data.full);
    for (const cell of data.full.cells) {
      const lead = data.leads.indexOf(cell.name);
      trace(context, cell, lead, map.subarray(lead * points, (lead + 1) * points), true);
    }
    marks(context, data.full);
    crosshair(context);
    const small = paper(multiples, data.multiples);
    data.multiples.cells.forEach((cell, i) => {
      if (i === method) {
        small.fillStyle = "rgba(11,79,158,.10)";
        small.fillRect(cell.left, cell.label - 2, data.multiples.cell_width, 4);
      }
      trace(small, cell, data.v5, averaged[i], false);
      if (data.averagedScales[i][ecg] === 0) text(small, "all zero", cell.left + data.multiples.cell_width, cell.zero + 3.5, "right", "2.4px");
    });
    marks(small, data.multiples);
  }

  function paper(canvas, sheet) {
    const width = canvas.parentElement.clientWidth, ratio = window.devicePixelRatio || 1;
    const across = Math.max(width, PIXELS_PER_MM * sheet.width);
    canvas.width = Math.round(across * ratio);
    canvas.height = Math.round((canvas.width * sheet.height) / sheet.width);
    canvas.style.width = `${across}px`;
    canvas.style.height = `${canvas.height / ratio}px`;
    const context = canvas.getContext("2d"), scale = canvas.width / sheet.width;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.fillStyle = "#fffdfb";
    context.fillRect(0, 0, sheet.width, sheet.height);
    for (const [step, colour, pixels] of [[1, "#f4e3df", 0.6], [5, "#e4bfb8", 1]]) {
      context.strokeStyle = colour;
      context.lineWidth = (pixels * ratio) / scale;
      context.beginPath();
      for (let mm = 0; mm <= sheet.width; mm += step) { context.moveTo(mm, 0); context.lineTo(mm, sheet.height); }
      for (let mm = 0; mm <= sheet.height; mm += step) { context.moveTo(0, mm); context.lineTo(sheet.width, mm); }
      context.stroke();
    }
    return context;
  }

  // The trace with the heatmap as colour around it, like a highlighter pen.
  function trace(context, cell, lead, levels, signed) {
    const mmPerSample = msPerSample * data.mmPerMs, halo = 1.7;
    const down = (i) => cell.zero - (x[lead * data.length + i] / 1000) * data.mmPerMv;
    // One bar of colour per 0.1 mm at the least, of its strongest sample: a mean of opposite
    // signs would make points that decide vanish.
    const group = Math.max(1, Math.floor(0.1 / (mmPerSample * data.width)));
    for (let first = 0; first < points; first += group) {
      let level = 0;
      const last = Math.min(first + group, points);
      for (let p = first; p < last; p++) if (Math.abs(levels[p]) > Math.abs(level)) level = levels[p];
      if (level === 0) continue;
      let top = Infinity, bottom = -Infinity;
      const from = first * data.width, to = Math.min(last * data.width, data.length - 1);
      for (let i = from; i <= to; i++) { const at = down(i); top = Math.min(top, at); bottom = Math.max(bottom, at); }
      const [r, g, b] = signed ? (level > 0 ? data.raises : data.lowers) : data.strong;
      context.fillStyle = `rgba(${r},${g},${b},${(0.85 * Math.abs(level)) / data.levels})`;
      context.fillRect(cell.left + from * mmPerSample, top - halo, (to - from) * mmPerSample, bottom - top + 2 * halo);
    }
    context.strokeStyle = "#1a1b1e";
    context.lineWidth = 0.2;
    context.lineJoin = "round";
    context.beginPath();
    for (let i = 0; i < data.length; i++) context.lineTo(cell.left + i * mmPerSample, down(i));
    context.stroke();
    text(context, cell.name, cell.left + 0.3, cell.label, "left", "600 2.7px");
  }

  function text(context, words, across, down, align, font) {
    context.font = `${font} system-ui, sans-serif`;
    context.fillStyle = "#1a1b1e";
    context.textAlign = align;
    context.textBaseline = "middle";
    context.fillText(words, across, down);
  }

  function marks(context, sheet) {
    context.strokeStyle = "#1a1b1e";
    context.lineWidth = 0.2;
    context.beginPath();
    for (const zero of sheet.zeros) {
      [[8, 0], [9, 0], [9, -10], [14, -10], [14, 0]].forEach(([a, d], i) =>
        i ? context.lineTo(a, zero + d) : context.moveTo(a, zero + d));
    }
    for (const [, down] of sheet.millivolts) { context.moveTo(5.5, down); context.lineTo(6.5, down); }
    const bottom = sheet.height - 5;
    for (const cell of sheet.cells.slice(0, sheet.columns)) {
      context.moveTo(cell.left, bottom);
      context.lineTo(cell.left + sheet.cell_width, bottom);
      for (const [, across] of sheet.time.marks) { context.moveTo(cell.left + across, bottom); context.lineTo(cell.left + across, bottom + 0.8); }
    }
    context.stroke();
    text(context, "mV", 5, 1.25, "right", "1.9px");
    for (const [mv, down] of sheet.millivolts) text(context, mv, 5, down, "right", "1.9px");
    for (const cell of sheet.cells.slice(0, sheet.columns)) {
      for (const [time, across] of sheet.time.marks) text(context, time, cell.left + across, bottom + 2.5, "center", "1.9px");
    }
    text(context, sheet.time.unit, sheet.width - 0.8, bottom + 2.5, "right", "1.9px");
  }

  function crosshair(context) {
    if (!cursor) return;
    const { cell, sample } = cursor, lead = data.leads.indexOf(cell.name);
    const across = cell.left + sample * msPerSample * data.mmPerMs;
    const microvolts = x[lead * data.length + sample];
    const down = cell.zero - (microvolts / 1000) * data.mmPerMv;
    context.strokeStyle = "rgba(26,27,30,.55)";
    context.lineWidth = 0.12;
    context.beginPath();
    context.moveTo(across, down - 7);
    context.lineTo(across, down + 7);
    context.stroke();
    context.fillStyle = "#1a1b1e";
    context.beginPath();
    context.arc(across, down, 0.5, 0, 2 * Math.PI);
    context.fill();
    const level = map[lead * points + Math.min(points - 1, Math.floor(sample / data.width))];
    const value = (level / data.levels) * data.scales[method][ecg];
    const clipped = Math.abs(level) === data.levels ? " or more" : "";
    const wave = Object.keys(data.bits).filter((name) => segments[sample] & data.bits[name]).join("/");
    const ms = Math.round((sample - data.origin) * msPerSample);
    readout.textContent = minus(`${cell.name} · ${ms} ms`) + minus(` · ${(microvolts / 1000).toFixed(2)} mV`) +
      minus(` · attribution ${short(value)}`) + `${clipped} (${Math.round((100 * Math.abs(level)) / data.levels)} % of full colour)` +
      (wave ? ` · ${wave}` : "");
  }

  function at(event, canvas, sheet) {
    const box = canvas.getBoundingClientRect(), scale = sheet.width / box.width;
    const across = (event.clientX - box.left) * scale, down = (event.clientY - box.top) * scale;
    const column = sheet.cells.filter((c) => across >= c.left && across <= c.left + sheet.cell_width);
    if (!column.length) return null;
    const cell = column.reduce((a, b) => (Math.abs(a.zero - 3 - down) < Math.abs(b.zero - 3 - down) ? a : b));
    const sample = Math.round((across - cell.left) / (msPerSample * data.mmPerMs));
    return { cell, sample: Math.min(data.length - 1, Math.max(0, sample)) };
  }

  full.addEventListener("pointermove", (event) => { cursor = at(event, full, data.full) || cursor; draw(); });
  full.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!move) return;
    event.preventDefault();
    const cells = data.full.cells, here = cursor || { cell: cells[0], sample: data.origin };
    const place = (cells.indexOf(here.cell) + move[0] + cells.length) % cells.length;
    const sample = here.sample + move[1] * (event.shiftKey ? 10 : 1);
    cursor = { cell: cells[place], sample: Math.min(data.length - 1, Math.max(0, sample)) };
    draw();
  });
  multiples.addEventListener("click", (event) => {
    const found = at(event, multiples, data.multiples);
    if (!found) return;
    method = data.multiples.cells.indexOf(found.cell);
    methodSelect.value = method;
    choose();
  });
  methodSelect.addEventListener("change", () => { method = Number(methodSelect.value); choose(); });
  ecgSelect.addEventListener("change", () => { ecg = Number(ecgSelect.value); choose(); });
  new ResizeObserver(draw).observe(full.parentElement);
  choose();
}
