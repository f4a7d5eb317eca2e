// A heatmap on ECG paper, in millimetres of a sheet that the page brings. `pen` is the context of a
// canvas or one that writes SVG.
const INK = "#1a1b1e", PAPER = "#fffdfb";
const HALO = 1.7; // mm of colour above and below the trace, like a highlighter pen
const HATCH = { every: 1.2, wide: 0.6, between: 0.3 }; // mm, mm, and the share of the colour between the lines
const BANDS = ["P", "QRS", "T"];

// Colours by size in 128 steps.
const shades = new Map();
function shade([r, g, b], size, share = 1) {
  const key = `${r},${g},${b},${share}`;
  if (!shades.has(key)) shades.set(key, Array.from({ length: 128 }, (_, i) => `rgba(${r},${g},${b},${((0.85 * share * i) / 127).toFixed(3)})`));
  return shades.get(key)[Math.round(127 * size)];
}

// `view`: the page's data, the samples x, the map to draw, waves, and the smallest type and line in mm.
function drawSheet(pen, sheet, view) {
  drawPaper(pen, sheet, view);
  if (view.waves) drawWaves(pen, sheet, view);
  for (const cell of sheet.cells) {
    const lead = view.leadOf(cell), down = heights(cell, lead, view);
    if (view.map) drawColour(pen, cell, down, lead, view);
    drawTrace(pen, cell, down, view);
    write(pen, cell.name, cell.left + 0.3, cell.label, "left", 2.7, view, "600");
  }
  drawMarks(pen, sheet, view);
}

function drawPaper(pen, sheet, { hair }) {
  pen.fillStyle = PAPER;
  pen.fillRect(0, 0, sheet.width, sheet.height);
  for (const [step, colour, wide] of [[1, "#f4e3df", 0.6 * hair], [5, "#e4bfb8", hair]]) {
    pen.strokeStyle = colour;
    pen.lineWidth = wide;
    pen.beginPath();
    for (let mm = 0; mm <= sheet.width; mm += step) { pen.moveTo(mm, 0); pen.lineTo(mm, sheet.height); }
    for (let mm = 0; mm <= sheet.height; mm += step) { pen.moveTo(0, mm); pen.lineTo(sheet.width, mm); }
    pen.stroke();
  }
}

// First and last sample of each run of a wave.
function waveRuns(segments, bits) {
  return BANDS.flatMap((name) => {
    const runs = [];
    segments.forEach((mask, i) => {
      if (!(mask & bits[name])) return;
      if (i > 0 && segments[i - 1] & bits[name]) runs[runs.length - 1].to = i;
      else runs.push({ name, from: i, to: i });
    });
    return runs;
  });
}

// Bands through all rows of a column, named at the top: readable without colour.
function drawWaves(pen, sheet, view) {
  const { data } = view, mm = (1000 / data.fs) * data.mmPerMs, bottom = sheet.height - 5;
  for (const cell of sheet.cells.slice(0, sheet.columns)) {
    for (const { name, from, to } of view.waves) {
      const left = cell.left + from * mm, wide = (to - from) * mm;
      pen.fillStyle = "rgba(26,27,30,0.05)";
      pen.fillRect(left, 0, wide, bottom);
      pen.strokeStyle = "rgba(26,27,30,0.3)";
      pen.lineWidth = view.hair;
      pen.beginPath();
      for (const edge of [left, left + wide]) { pen.moveTo(edge, 0); pen.lineTo(edge, bottom); }
      pen.stroke();
      // In large type P and T have a line of their own: QRS is narrow.
      const line = name === "QRS" || view.least < 2.3 ? 1.6 : 1.6 + view.least;
      write(pen, name, left + wide / 2, line, "center", 2.1, view);
    }
  }
}

function heights(cell, lead, { data, x }) {
  return Float64Array.from({ length: data.length }, (_, i) => cell.zero - (x[lead * data.length + i] / 1000) * data.mmPerMv);
}

// One bar of colour for each `finest` mm at the least, of its strongest sample: a mean of opposite
// signs would make points that decide vanish. What is below 0 is hatched, so that grey tells it too.
function drawColour(pen, cell, down, lead, { data, points, map, finest }) {
  const column = wholePixels(pen);
  const mm = (1000 / data.fs) * data.mmPerMs, drawn = map.drawn.subarray(lead * points, (lead + 1) * points);
  const group = Math.max(1, Math.floor(finest / (mm * data.width) + 1e-6));
  for (let first = 0; first < points; first += group) {
    let value = 0;
    const last = Math.min(first + group, points);
    for (let p = first; p < last; p++) if (Math.abs(drawn[p]) > Math.abs(value)) value = drawn[p];
    if (value === 0) continue;
    let top = Infinity, bottom = -Infinity;
    const from = first * data.width, to = Math.min(last * data.width, data.length - 1);
    for (let i = from; i <= to; i++) { top = Math.min(top, down[i]); bottom = Math.max(bottom, down[i]); }
    top -= HALO;
    bottom += HALO;
    const left = column(cell.left + from * mm), wide = column(cell.left + to * mm) - left, size = Math.abs(value);
    if (value > 0) {
      pen.fillStyle = shade(map.signed ? data.raises : data.strong, size);
      pen.fillRect(left, top, wide, bottom - top);
    } else {
      pen.fillStyle = shade(data.lowers, size, HATCH.between);
      pen.fillRect(left, top, wide, bottom - top);
      pen.fillStyle = shade(data.lowers, size);
      hatch(pen, left, top, wide, bottom);
    }
  }
}

// Neighbouring bars share an edge of a pixel: where both cover half of one, a line would be seen.
function wholePixels(pen) {
  if (!pen.getTransform) return (mm) => mm;
  const { a: scale, e: start } = pen.getTransform();
  return (mm) => (Math.round(mm * scale + start) - start) / scale;
}

// Oblique lines that go on from bar to bar.
function hatch(pen, left, top, wide, bottom) {
  for (let line = Math.floor((top + left) / HATCH.every) * HATCH.every - left; line < bottom; line += HATCH.every) {
    const start = Math.max(top, line), stop = Math.min(bottom, line + HATCH.wide);
    if (stop > start) pen.fillRect(left, start, wide, stop - start);
  }
}

// Ink in a casing of paper, which shows on dark colour.
function drawTrace(pen, cell, down, { data, ink }) {
  const mm = (1000 / data.fs) * data.mmPerMs;
  pen.lineJoin = "round";
  for (const [colour, wide] of [[PAPER, 2.2 * ink], [INK, ink]]) {
    pen.strokeStyle = colour;
    pen.lineWidth = wide;
    pen.beginPath();
    pen.moveTo(cell.left, down[0]);
    for (let i = 1; i < data.length; i++) pen.lineTo(cell.left + i * mm, down[i]);
    pen.stroke();
  }
}

function write(pen, words, across, down, align, mm, { least }, weight = "400") {
  pen.font = `${weight} ${Math.max(mm, least)}px system-ui, sans-serif`;
  pen.fillStyle = INK;
  pen.textAlign = align;
  pen.textBaseline = "middle";
  pen.fillText(words, across, down);
}

// Calibration pulse, the mV axis of each row and the time axis of each column.
function drawMarks(pen, sheet, view) {
  const bottom = sheet.height - 5, columns = sheet.cells.slice(0, sheet.columns);
  pen.strokeStyle = INK;
  pen.lineWidth = 0.2;
  pen.beginPath();
  for (const zero of sheet.zeros) {
    pen.moveTo(8, zero);
    for (const [across, up] of [[9, 0], [9, 10], [14, 10], [14, 0]]) pen.lineTo(across, zero - up);
  }
  for (const [, down] of sheet.millivolts) { pen.moveTo(5.5, down); pen.lineTo(6.5, down); }
  for (const cell of columns) {
    pen.moveTo(cell.left, bottom);
    pen.lineTo(cell.left + sheet.cell_width, bottom);
    for (const [, across] of view.data.time.marks) { pen.moveTo(cell.left + across, bottom); pen.lineTo(cell.left + across, bottom + 0.8); }
  }
  pen.stroke();
  write(pen, "mV", 5, 1.4, "right", 1.9, view);
  for (const [mv, down] of sheet.millivolts) write(pen, mv, 5, down, "right", 1.9, view);
  for (const cell of columns) {
    for (const [time, across] of view.data.time.marks) if (time) write(pen, time, cell.left + across, bottom + 2.7, "center", 1.9, view);
  }
  write(pen, view.data.time.unit, sheet.width - 0.8, bottom + 2.7, "right", 1.9, view);
}
