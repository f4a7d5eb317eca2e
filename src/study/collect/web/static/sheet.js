// Visible part of the sheet. The large and the small sheets show the same part, so that a lead or
// a wave can be compared across maps.
const NEAREST_MM = 12; // smallest visible width: a P wave fills a third of it
const STEP = 1.35;

export function sheet(root, stage) {
  const geometry = JSON.parse(root.dataset.geometry);
  const whole = { left: 0, top: 0, width: geometry.width_mm };
  const aspect = geometry.width_mm / geometry.height_mm;
  const watchers = [];
  let view = whole, lead = "";

  const height = () => view.width / aspect;
  const between = (low, value, high) => Math.min(Math.max(value, low), high);

  function show() {
    const percent = (part, of) => `${(100 * part) / of}%`;
    root.style.setProperty("--width", percent(geometry.width_mm, view.width));
    root.style.setProperty("--left", percent(-view.left, view.width));
    root.style.setProperty("--top", percent(-view.top, height()));
    const cell = geometry.cells.find((each) => each.name === lead);
    const clip = cell
      ? [percent(cell.top, geometry.height_mm), percent(geometry.width_mm - cell.right - 1, geometry.width_mm),
        percent(geometry.height_mm - cell.bottom, geometry.height_mm), percent(cell.left - 0.5, geometry.width_mm)]
      : ["0%"];
    root.style.setProperty("--clip", `inset(${clip.join(" ")})`);
    stage.dataset.near = view.width < geometry.width_mm ? "yes" : "no";
    for (const watcher of watchers) watcher(view, lead);
  }

  function look(width, across, down) {
    // The point (across, down) in mm keeps its position on the screen.
    const wide = between(Math.min(NEAREST_MM, whole.width), width, whole.width), share = wide / view.width;
    view = { left: across - (across - view.left) * share, top: down - (down - view.top) * share, width: wide };
    keepIn();
    show();
  }

  function keepIn() {
    if (lead) return; // a single lead can extend beyond the edge of the sheet
    view.left = between(0, view.left, geometry.width_mm - view.width);
    view.top = between(0, view.top, geometry.height_mm - height());
  }

  const self = {
    geometry,
    aspect,
    watch: (watcher) => watchers.push(watcher),
    view: () => ({ ...view, height: height() }),
    near: () => view.width < whole.width,
    at(event) {
      const box = stage.getBoundingClientRect(), scale = view.width / box.width;
      return { across: view.left + (event.clientX - box.left) * scale, down: view.top + (event.clientY - box.top) * scale, scale };
    },
    middle: () => ({ across: view.left + view.width / 2, down: view.top + height() / 2 }),
    zoom(steps, at = self.middle()) { look(view.width / STEP ** steps, at.across, at.down); },
    move(across, down) {
      view = { ...view, left: view.left + across, top: view.top + down };
      keepIn();
      show();
    },
    whole() { lead = ""; view = whole; show(); },
    lead(name) {
      const cell = geometry.cells.find((each) => each.name === name);
      if (!cell) return self.whole();
      lead = name;
      const wide = Math.max(cell.right - cell.left, (cell.bottom - cell.top) * aspect) * 1.04;
      view = { left: (cell.left + cell.right - wide) / 2, top: (cell.top + cell.bottom - wide / aspect) / 2, width: wide };
      return show();
    },
    nextLead(step) {
      const names = ["", ...geometry.cells.map((cell) => cell.name)];
      self.lead(names[(names.indexOf(lead) + step + names.length) % names.length]);
    },
    leadAt({ across, down }) {
      const inside = (cell) => across >= cell.left && across <= cell.right && down >= cell.top && down <= cell.bottom;
      const found = geometry.cells.filter(inside).sort((a, b) => Math.abs(a.zero - down) - Math.abs(b.zero - down));
      return found.length ? found[0].name : "";
    },
    alone: () => lead !== "",
  };
  root.style.setProperty("--aspect", String(aspect));
  show();
  return self;
}
