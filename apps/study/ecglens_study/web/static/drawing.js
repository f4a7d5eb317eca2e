// One ECG with one map on a canvas, drawn anew at every size and zoom. Lengths are in mm of paper.
const MOST_LANE = 48; // pixels of the screen: zoomed in, the lane of a map leaves room for the trace
const INK = 0.23, LEAST_INK = 1.1; // mm, and pixels of the screen
const CASING = 0.12, LEAST_CASING = 1; // paper on each side of the ink, so that it shows on dark colour
const FINE = 3.2; // pixels of the screen per mm, below which lines every mm would be a tint
const NAME = [10, 2.8, 17]; // height of a lead's name: least px, mm, most px
const SMALL = [7, 2.1, 15];
const ROUNDING = 1e-6; // px: a sample that starts exactly at a column belongs to it

const between = (low, value, high) => Math.min(Math.max(value, low), high);
// Colours are read once for all canvases that are drawn together.
const read = new Map();
function style(name) {
  if (!read.size) queueMicrotask(() => read.clear());
  if (!read.has(name)) read.set(name, getComputedStyle(document.documentElement).getPropertyValue(name).trim());
  return read.get(name);
}
// Index 0 is step −3, index 6 is step 3.
const palette = (signed) => [-3, -2, -1, 0, 1, 2, 3].map((step) => step && style(`--${signed ? (step > 0 ? "raises" : "lowers") : "strength"}-${Math.abs(step)}`));

// Samples of one ECG, one Int16Array per lead, and maps as one Int8Array per lead, from this byte on.
export function rows(buffer, geometry, Kind, start = 0) {
  const length = geometry.samples, names = geometry.leads;
  return Object.fromEntries(names.map((name, place) => [name, new Kind(buffer, start + place * length * Kind.BYTES_PER_ELEMENT, length)]));
}

// Smallest view of this width-to-height ratio that contains a box, with the box in its middle.
export function around([left, top, width, height], aspect) {
  const wide = Math.max(width, height * aspect), high = wide / aspect;
  return { left: left - (wide - width) / 2, top: top - (high - height) / 2, width: wide, height: high };
}

export const boxOf = (cell) => [cell.left - 0.5, cell.top, cell.right - cell.left + 1, cell.bottom - cell.top];

// A map is drawn in violet, the strength alone; `signed` in blue above the middle of the lane and in
// orange below it. `only` is a lead, "" for all.
export function draw(canvas, geometry, signal, map, view, { signed = false, only = "" } = {}) {
  const ratio = devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * ratio), height = Math.round(canvas.clientHeight * ratio);
  if (!width || !height) return;
  if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
  canvas.dataset.seen = `${view.left} ${view.top} ${view.width}`;
  const pen = canvas.getContext("2d", { alpha: false });
  const scale = width / view.width;
  const at = { scale, ratio, width, height, x: (mm) => (mm - view.left) * scale, y: (mm) => (mm - view.top) * scale };
  paper(pen, at, view);
  const cells = geometry.cells.filter((cell) => (!only || cell.name === only) && cell.left < view.left + view.width && cell.right > view.left && cell.top < view.top + view.height && cell.bottom > view.top);
  const traces = cells.map((cell) => trace(cell, geometry, signal[cell.name], at));
  const lane = { colours: palette(signed), signed, half: Math.max(2, Math.round(Math.min(geometry.lane_mm * scale, MOST_LANE * ratio) / 2)) };
  if (map) cells.forEach((cell, place) => colour(pen, traces[place], map[cell.name], { ...lane, top: laneTop(cell, lane.half, at) }));
  const ink = Math.max(INK * scale, LEAST_INK * ratio);
  pen.lineJoin = "round";
  line(pen, traces, style("--sheet"), ink + 2 * Math.max(CASING * scale, LEAST_CASING * ratio));
  line(pen, traces, style("--trace"), ink);
  pen.fillStyle = pen.strokeStyle = style("--trace");
  pen.textBaseline = "middle";
  pen.font = `700 ${size(NAME, at)}px system-ui, sans-serif`;
  for (const cell of cells) pen.fillText(cell.name, at.x(cell.left + 0.3), at.y(cell.label));
  if (!only && geometry.cells.length > 1) axes(pen, geometry, at);
}

const size = ([least, mm, most], { scale, ratio }) => between(least * ratio, mm * scale, most * ratio);

function paper(pen, at, view) {
  pen.fillStyle = style("--sheet");
  pen.fillRect(0, 0, at.width, at.height);
  const lines = (every, colour, wide) => {
    pen.fillStyle = colour;
    const thick = Math.max(1, Math.round(wide * at.ratio));
    for (let mm = Math.ceil(view.left / every) * every; mm <= view.left + view.width; mm += every) pen.fillRect(Math.round(at.x(mm) - thick / 2), 0, thick, at.height);
    for (let mm = Math.ceil(view.top / every) * every; mm <= view.top + view.height; mm += every) pen.fillRect(0, Math.round(at.y(mm) - thick / 2), at.width, thick);
  };
  if (at.scale >= FINE * at.ratio) lines(1, style("--fine"), 0.7);
  lines(5, style("--coarse"), 1);
}

// Columns of pixels of a trace: the samples that start in each, or the one that continues in it, and
// the pixels from the highest to the lowest point.
function trace(cell, geometry, samples, at) {
  const step = (1000 / geometry.fs) * geometry.mm_per_ms * at.scale, start = at.x(cell.left);
  const down = Float64Array.from(samples, (uv) => at.y(cell.zero - (uv / 1000) * geometry.mm_per_mv));
  const first = Math.max(0, Math.floor(start + ROUNDING));
  const stop = Math.min(at.width, Math.floor(start + (down.length - 1) * step + ROUNDING) + Math.max(1, Math.round(step)));
  const found = { first, step, start, down, from: [], to: [], top: [], low: [] };
  const begins = (column) => between(0, Math.ceil((column - ROUNDING - start) / step), down.length);
  const level = (column) => {
    const place = between(0, (column - start) / step, down.length - 1), whole = Math.min(Math.floor(place), down.length - 2);
    return down[whole] + (place - whole) * (down[whole + 1] - down[whole]);
  };
  let begin = begins(first), edge = level(first);
  for (let column = first; column < stop; column += 1) {
    const end = begins(column + 1), next = level(column + 1);
    const from = end > begin ? begin : Math.max(0, begin - 1), to = Math.max(end, from + 1);
    let top = Math.min(edge, next), low = Math.max(edge, next);
    for (let place = begin; place < end; place += 1) { top = Math.min(top, down[place]); low = Math.max(low, down[place]); }
    found.from.push(from); found.to.push(to); found.top.push(top); found.low.push(low);
    begin = end; edge = next;
  }
  return found;
}

// The middle of a lane, and on it bars of one height: only time and step tell maps apart. The
// strongest sample of a column gives its colour: a single decisive sample stays visible.
function colour(pen, { first, from, to }, steps, { colours, signed, half, top }) {
  pen.fillStyle = style("--label-edge");
  pen.fillRect(first, top + half, from.length, 1);
  for (let column = 0; column < from.length; column += 1) {
    let most = 0, least = 0;
    for (let place = from[column]; place < to[column]; place += 1) { most = Math.max(most, steps[place]); least = Math.min(least, steps[place]); }
    const step = most >= -least ? most : least;
    if (!step) continue;
    pen.fillStyle = colours[step + 3];
    pen.fillRect(first + column, top + (signed ? (step > 0 ? 0 : half) : half >> 1), 1, half);
  }
}

// Top of a lane: below the trace, or at the lower end of a view that shows the 0 mV line and no lane.
function laneTop({ lane, zero }, half, { y, height }) {
  const below = Math.round(y(lane));
  return y(zero) < height ? Math.min(below, height - 2 * half) : below;
}

function line(pen, traces, colour, wide) {
  pen.strokeStyle = colour;
  pen.lineWidth = wide;
  for (const { first, step, start, down, top, low } of traces) {
    pen.beginPath();
    // Several samples in a column of pixels: its highest and lowest point are all that can be seen.
    if (step < 0.5) top.forEach((high, column) => { pen.lineTo(first + column + 0.5, high); pen.lineTo(first + column + 0.5, low[column]); });
    else down.forEach((y, place) => pen.lineTo(start + place * step, y));
    pen.stroke();
  }
}

// Calibration pulse of 1 mV and 200 ms, marks in mV for each row, and in ms or s for each column.
function axes(pen, geometry, at) {
  const pulse = geometry.mm_per_mv;
  pen.lineWidth = Math.max(0.25 * at.scale, at.ratio);
  pen.beginPath();
  for (const zero of geometry.zeros) {
    pen.moveTo(at.x(8), at.y(zero));
    for (const [across, down] of [[9, zero], [9, zero - pulse], [14, zero - pulse], [14, zero]]) pen.lineTo(at.x(across), at.y(down));
  }
  const bottom = geometry.height_mm - 5, cells = geometry.cells.slice(0, geometry.columns);
  for (const [, down] of geometry.millivolts) { pen.moveTo(at.x(5.5), at.y(down)); pen.lineTo(at.x(6.5), at.y(down)); }
  for (const cell of cells) {
    pen.moveTo(at.x(cell.left), at.y(bottom)); pen.lineTo(at.x(cell.right), at.y(bottom));
    for (const [, across] of geometry.times) { pen.moveTo(at.x(cell.left + across), at.y(bottom)); pen.lineTo(at.x(cell.left + across), at.y(bottom + 0.8)); }
  }
  pen.stroke();
  pen.font = `${size(SMALL, at)}px system-ui, sans-serif`;
  pen.textAlign = "right";
  pen.fillText("mV", at.x(5), at.y(1.25));
  for (const [text, down] of geometry.millivolts) pen.fillText(text, at.x(5), at.y(down));
  pen.fillText(geometry.unit, at.x(geometry.width_mm - 0.8), at.y(bottom + 2.6));
  pen.textAlign = "center";
  for (const cell of cells) for (const [text, across] of geometry.times) if (text) pen.fillText(text, at.x(cell.left + across), at.y(bottom + 2.6));
  pen.textAlign = "left";
}
