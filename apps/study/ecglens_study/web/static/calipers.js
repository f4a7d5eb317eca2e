// Calipers: a box between two ends, read as ms, mV and 1/min. They stay in place when another
// map is selected.
const SVG = "http://www.w3.org/2000/svg";
const REACH = 22; // px around an end in which a click grabs it
const STEP_MS = 2, STEP_MV = 0.02, FURTHER = 10;

export function calipers(stage, sheet, readout) {
  const { mm_per_ms: perMs, mm_per_mv: perMv, width_mm: width, height_mm: height } = sheet.geometry;
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", "calipers");
  drawing.setAttribute("preserveAspectRatio", "none");
  drawing.setAttribute("aria-hidden", "true");
  const part = (name, kind) => {
    const made = document.createElementNS(SVG, name);
    made.setAttribute("class", kind);
    drawing.append(made);
    return made;
  };
  const area = part("path", "area"), legs = part("path", "legs"), dots = [part("circle", "dot"), part("circle", "dot")];
  let on = false, ends = [], held = 1;

  function between(low, value, high) { return Math.min(Math.max(value, low), high); }

  function draw() {
    drawing.style.display = on && ends.length ? "" : "none";
    stage.dataset.calipers = on ? "yes" : "no";
    readout.hidden = !on;
    if (!on) return;
    if (!ends.length) { readout.textContent = "Drag on the paper"; return; }
    const [a, b] = ends, view = sheet.view(), radius = view.width * 0.006;
    drawing.setAttribute("viewBox", `${view.left} ${view.top} ${view.width} ${view.height}`);
    area.setAttribute("d", `M${a.across} ${a.down}H${b.across}V${b.down}H${a.across}Z`);
    legs.setAttribute("d", `M${a.across} ${view.top}v${view.height}M${b.across} ${view.top}v${view.height}M${a.across} ${a.down}H${b.across}M${a.across} ${b.down}H${b.across}`);
    ends.forEach((end, place) => {
      dots[place].setAttribute("cx", end.across);
      dots[place].setAttribute("cy", end.down);
      dots[place].setAttribute("r", radius);
      dots[place].classList.toggle("held", place === held);
    });
    const ms = Math.abs(b.across - a.across) / perMs, mv = (a.down - b.down) / perMv;
    const rate = ms >= 1 ? `${Math.round(60000 / ms)} /min` : "– /min";
    readout.textContent = `${Math.round(ms)} ms · ${mv.toFixed(2).replace("-", "−")} mV · ${rate}`;
  }

  const self = {
    on: () => on,
    toggle() {
      on = !on;
      if (on && !ends.length) self.start();
      draw();
    },
    start() {
      // Start with 200 ms in the middle of the view, so that the arrow keys can move an end.
      const { across, down } = sheet.middle(), half = 100 * perMs;
      ends = [{ across: across - half, down }, { across: across + half, down }];
      held = 1;
    },
    down({ across, down, scale }) {
      const near = ends.findIndex((end) => Math.hypot(end.across - across, end.down - down) < REACH * scale);
      if (near >= 0) held = near;
      else { ends = [{ across, down }, { across, down }]; held = 1; }
      draw();
    },
    drag({ across, down }) {
      ends[held] = { across: between(0, across, width), down: between(0, down, height) };
      draw();
    },
    up() { draw(); },
    other() { held = 1 - held; draw(); },
    arrow(right, up, further) {
      const times = further ? FURTHER : 1, end = ends[held];
      self.drag({ across: end.across + right * STEP_MS * perMs * times, down: end.down - up * STEP_MV * perMv * times });
    },
  };
  stage.append(drawing);
  sheet.watch(draw);
  draw();
  return self;
}
