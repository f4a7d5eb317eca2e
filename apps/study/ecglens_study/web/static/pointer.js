// Mouse, pen and touch on the large sheet: drag moves it, two fingers or the wheel zoom, a double
// click shows a single lead. Active calipers take precedence.
const BETWEEN_TAPS = 350; // ms
const STILL = 8; // px that a tap can move

export function pointer(stage, sheet, calipers) {
  const fingers = new Map();
  let tapped = { at: -Infinity, x: 0, y: 0 }, moved = 0;

  const spread = () => {
    const [a, b] = [...fingers.values()];
    return { apart: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY), clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 };
  };

  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    fingers.set(event.pointerId, event);
    moved = 0;
    if (fingers.size === 1 && calipers.on()) calipers.down(sheet.at(event));
    stage.setPointerCapture(event.pointerId);
  });

  stage.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    moved += Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY);
    if (fingers.size === 2) {
      const old = spread();
      fingers.set(event.pointerId, event);
      const now = spread(), at = sheet.at(now);
      sheet.move((old.clientX - now.clientX) * at.scale, (old.clientY - now.clientY) * at.scale);
      sheet.zoom(Math.log(now.apart / Math.max(1, old.apart)) / Math.log(1.35), sheet.at(now));
      return;
    }
    fingers.set(event.pointerId, event);
    const { scale } = sheet.at(event);
    if (calipers.on()) calipers.drag(sheet.at(event));
    else if (sheet.near()) sheet.move((before.clientX - event.clientX) * scale, (before.clientY - event.clientY) * scale);
  });

  for (const kind of ["pointerup", "pointercancel"]) {
    stage.addEventListener(kind, (event) => {
      if (!fingers.delete(event.pointerId) || kind === "pointercancel") return;
      if (calipers.on()) { calipers.up(); return; }
      const near = Math.hypot(event.clientX - tapped.x, event.clientY - tapped.y) < 4 * STILL;
      const twice = event.timeStamp - tapped.at < BETWEEN_TAPS && near && moved < STILL;
      tapped = { at: twice || moved >= STILL ? -Infinity : event.timeStamp, x: event.clientX, y: event.clientY };
      if (!twice) return;
      const lead = sheet.leadAt(sheet.at(event));
      if (sheet.near()) sheet.whole();
      else if (lead && sheet.geometry.cells.length > 1) sheet.lead(lead);
      else sheet.zoom(3, sheet.at(event));
    });
  }

  stage.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !sheet.near()) return; // the page scrolls
    event.preventDefault();
    sheet.zoom(-event.deltaY / 200, sheet.at(event));
  }, { passive: false });
}
