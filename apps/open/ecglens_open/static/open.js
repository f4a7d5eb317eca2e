// The beat on its paper, sliders that change it, and files that are dropped on the page.
import { draw, rows } from "./drawing.js";
import { shortcuts } from "./shortcuts.js";
import { signs } from "./sign.js";

const LOWEST_MM = 14, LANE_MM = 5.5; // from the paper's edge up to the first row of intervals, and down to the next
const SEEN_UV = 10; // a tenth of a millimetre
const INK = "#1a1b1e", WAS = "rgba(92,95,102,.75)", EDGE = "rgba(26,27,30,.35)"; // paper is always light

const canvas = document.querySelector("canvas[data-paper]");
const form = document.querySelector("form[data-ecg]");
const find = (name) => document.querySelector(`[data-${name}]`);
const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)).buffer;

// --- The beat
const paper = canvas && JSON.parse(canvas.dataset.paper);
const was = paper && rows(bytes(paper.signal), paper.geometry, Int16Array);
const map = paper && paper.map ? rows(bytes(paper.map), paper.geometry, Int8Array) : null;
let now = null; // beat and intervals after a change

function show() {
  const { geometry } = paper, intervals = now ? now.intervals : paper.intervals;
  canvas.style.aspectRatio = `${geometry.width_mm} / ${geometry.height_mm}`;
  draw(canvas, geometry, now ? now.signal : was, now ? null : map, { left: 0, top: 0, width: geometry.width_mm, height: geometry.height_mm }, { signed: sign.on() });
  const pen = canvas.getContext("2d"), scale = canvas.width / geometry.width_mm, hair = (devicePixelRatio || 1) / scale;
  pen.save();
  pen.scale(scale, scale); // in mm from here on
  pen.lineWidth = hair;
  if (now) geometry.cells.forEach((cell) => outline(pen, cell, geometry));
  geometry.cells.slice(0, geometry.columns).forEach((cell, column) => brackets(pen, cell, geometry, intervals, hair, !column));
  pen.restore();
  const words = intervals.map((each) => each.words).join(", ");
  find("intervals").textContent = words ? `${words}.` : "";
  if (map) maps.classList.toggle("mapless", Boolean(now));
  canvas.setAttribute("aria-label", `Median beat in twelve leads${words && `: ${words}`}`);
}

function lines(pen, colour, pieces) {
  pen.strokeStyle = colour;
  pen.beginPath();
  for (const [x, y, ...to] of pieces) {
    pen.moveTo(x, y);
    pen.lineTo(...to);
  }
  pen.stroke();
}

// The ECG as it was, in grey where the changed one differs.
function outline(pen, cell, geometry) {
  const step = (1000 / geometry.fs) * geometry.mm_per_ms, before = was[cell.name], after = now.signal[cell.name];
  const at = (place) => [cell.left + place * step, cell.zero - (before[place] / 1000) * geometry.mm_per_mv];
  const apart = [...before.keys()].filter((place) => place && Math.abs(before[place] - after[place]) >= SEEN_UV);
  lines(pen, WAS, apart.map((place) => [...at(place - 1), ...at(place)]));
}

// PR, QRS and QT below each column, with lines up to the traces; named below the first.
function brackets(pen, cell, geometry, intervals, hair, named) {
  pen.font = `600 ${Math.max(2.4, 10 * hair)}px system-ui, sans-serif`;
  pen.textBaseline = "middle";
  pen.fillStyle = INK;
  for (const { ends, row, words } of intervals) {
    const [left, right] = ends.map((mm) => cell.left + mm), down = geometry.height_mm - LOWEST_MM + row * LANE_MM;
    pen.setLineDash([2 * hair, 3 * hair]);
    lines(pen, EDGE, [left, right].map((across) => [across, 1, across, down - 1]));
    pen.setLineDash([]);
    lines(pen, INK, [[left, down, right, down], ...[left, right].map((across) => [across, down - 1, across, down + 1])]);
    // PR to the left of its bracket, the others to the right: no bracket is as wide as its words.
    pen.textAlign = words.startsWith("PR") ? "right" : "left";
    if (named) pen.fillText(words, pen.textAlign === "right" ? left - 1 : right + 1, down);
  }
}

// The map is absolute until its sign is asked for; that of a strip is a picture.
const maps = find("maps"), strip = find("strip"), single = find("single");
const sign = maps && signs(maps, () => {
  if (paper) show();
  if (strip) strip.src = `${strip.dataset.strip}${sign.on() ? "&signed=yes" : ""}`;
});

if (paper) {
  show();
  addEventListener("resize", show);
}
if (single) { // there is a map
  const letters = shortcuts(single);
  sign.asBefore();
  maps.querySelector("[data-do=sign]").addEventListener("click", sign.other);
  addEventListener("keydown", (event) => {
    const other = event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "SELECT";
    if (letters.on() && !other && event.key.toLowerCase() === "s") sign.other();
  });
}

// --- Changes: one question at a time, and after it the latest
let wanted = null, asking = false;

function sizes() {
  return new URLSearchParams([...new FormData(form)].filter(([, by]) => Number(by)));
}

async function ask() {
  if (asking) return;
  asking = true;
  while (wanted) {
    const asked = wanted;
    wanted = null;
    try {
      const found = asked.size ? await fetch(`change?ecg=${form.dataset.ecg}&${asked}`) : null;
      if (found && !found.ok) find("refused").textContent = await found.text();
      else answered(found && await found.json());
    } catch {
      find("refused").textContent = "The page does not answer: start `ecglens open` again.";
    }
  }
  asking = false;
}

function answered(found) {
  const refused = found ? found.refused : "", before = JSON.parse(find("before").dataset.before);
  find("refused").textContent = refused && `Not possible in this ECG: ${refused}.`;
  if (refused) return;
  for (const [name, words] of Object.entries(found ? found.numbers : before)) find(name).textContent = words;
  find("moved").textContent = found ? `${found.moved} by your changes; ${before.reading} before` : "";
  for (const output of form.querySelectorAll("output")) {
    output.textContent = (found && found.done[output.dataset.of]) || `0 ${form[output.dataset.of].dataset.unit}`;
  }
  if (!paper) return;
  now = found && found.signal ? { signal: rows(bytes(found.signal), paper.geometry, Int16Array), intervals: found.intervals } : null;
  show();
}

if (form) {
  const change = () => { wanted = sizes(); ask(); };
  form.addEventListener("input", change);
  form.addEventListener("reset", () => setTimeout(change));
  form.addEventListener("submit", (event) => event.preventDefault());
  if (sizes().size) change(); // a browser keeps sliders over a reload
}

// --- Files
const upload = document.querySelector("form[data-most]"), input = document.querySelector("#file");

function send() {
  const large = [...input.files].reduce((sum, file) => sum + file.size, 0) > Number(upload.dataset.most);
  find("error").hidden = !large;
  find("error").textContent = large ? upload.dataset.tooLarge : "";
  if (large) input.value = "";
  return !large;
}

upload.addEventListener("submit", (event) => { if (!send()) event.preventDefault(); });
for (const [kind, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
  addEventListener(kind, (event) => {
    event.preventDefault();
    document.body.classList.toggle("dropping", over);
  });
}
addEventListener("drop", ({ dataTransfer }) => {
  if (!dataTransfer.files.length) return;
  input.files = dataTransfer.files;
  if (send()) upload.requestSubmit();
});
