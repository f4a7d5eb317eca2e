// Last page: one map of each method, all leads.
import { around, draw } from "./drawing.js";
import { loaded } from "./loading.js";

const root = document.querySelector("[data-drawings]"), geometry = JSON.parse(root.dataset.geometry);
const [, , width, height] = geometry.whole, canvases = [...root.querySelectorAll("canvas")];
for (const canvas of canvases) canvas.parentElement.style.aspectRatio = String(width / height);
const ecg = loaded({ address: root.dataset.drawings, shown: canvases.length, geometry }, root.querySelector("[data-lost]"), redraw);

function redraw() {
  if (ecg.all()) canvases.forEach((canvas, place) => draw(canvas, geometry, ecg.signal, ecg.maps[place], around(geometry.whole, width / height)));
}
addEventListener("resize", redraw);
