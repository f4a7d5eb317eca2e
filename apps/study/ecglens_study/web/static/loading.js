// The samples of an ECG and the steps of its maps, in one file. If it fails it is requested again, and
// voting is blocked until it is there: a vote on maps that were not shown would count like any other.
import { rows } from "./drawing.js";

const AGAIN_AFTER = 2000; // ms; a server that refused too many requests answers again by then

export function loaded({ address, shown, geometry }, notice, arrived) {
  let here = false, lost = false;
  const found = { signal: null, maps: [], all: () => here };
  const samples = geometry.samples * geometry.leads.length * Int16Array.BYTES_PER_ELEMENT;
  async function load() {
    try {
      const answer = await fetch(address);
      if (answer.status === 401) return location.reload(); // the session has ended: the page says so
      if (!answer.ok) throw new Error(String(answer.status));
      const file = await answer.arrayBuffer(), size = (file.byteLength - samples) / shown; // of a map, with its padding
      found.signal = rows(file, geometry, Int16Array);
      found.maps = Array.from({ length: shown }, (_, place) => rows(file, geometry, Int8Array, samples + place * size));
      here = true;
      lost = false;
    } catch {
      lost = true;
      setTimeout(load, AGAIN_AFTER);
    }
    notice.hidden = !lost;
    if (here) arrived();
  }
  load();
  return found;
}
