// The samples of an ECG and the steps of its maps. What failed is requested again, and voting is
// blocked until all are there: a vote on maps that were not shown would count like any other.
import { rows } from "./drawing.js";

const AGAIN_AFTER = 2000; // ms; a server that refused too many requests answers again by then

export function loaded({ sheet, maps, geometry }, notice, arrived) {
  let missing = maps.length + 1;
  const found = { signal: null, maps: maps.map(() => null), all: () => !missing, soon: () => missing > 0 && !lost.size }, lost = new Set();
  async function load(address, Kind, keep) {
    try {
      const answer = await fetch(address);
      if (answer.status === 401) return location.reload(); // the session has ended: the page says so
      if (!answer.ok) throw new Error(String(answer.status));
      keep(rows(await answer.arrayBuffer(), geometry, Kind));
      lost.delete(address);
      missing -= 1;
      if (!missing) arrived();
    } catch {
      lost.add(address);
      setTimeout(() => load(address, Kind, keep), AGAIN_AFTER);
    }
    notice.hidden = !lost.size;
  }
  load(sheet, Int16Array, (signal) => { found.signal = signal; });
  maps.forEach((address, place) => load(address, Int8Array, (map) => { found.maps[place] = map; }));
  return found;
}
