// Visible part of the sheet. While the large sheet shows a single lead or a part of the ECG, the
// tiles show the same, so that a lead or a wave can be compared across maps. Otherwise they show one
// lead, or all.
import { around, boxOf } from "./drawing.js";

const NEAREST_MM = 12; // smallest visible width: a P wave fills a third of it
const STEP = 1.35;

export function sheet(root, stage) {
  const geometry = JSON.parse(root.dataset.geometry);
  const [left, top, width, high] = geometry.whole, aspect = width / high;
  const whole = { left, top, width };
  const usual = geometry.cells.find((each) => each.name === root.dataset.usual);
  const watchers = [];
  // `box` is what has to be visible: a tile has another shape than the large sheet.
  let view = whole, box = geometry.whole, lead = "", all = !usual;

  const height = () => view.width / aspect;
  const between = (low, value, high) => Math.min(Math.max(value, low), high);

  function show() {
    stage.dataset.near = self.near() ? "yes" : "no";
    for (const watcher of watchers) watcher(view, lead);
  }

  function look(width, across, down) {
    // The point (across, down) in mm keeps its position on the screen.
    const wide = between(Math.min(NEAREST_MM, whole.width), width, whole.width), share = wide / view.width;
    view = { left: across - (across - view.left) * share, top: down - (down - view.top) * share, width: wide };
    keepIn();
    box = [view.left, view.top, view.width, height()];
    show();
  }

  function keepIn() {
    if (lead) return; // a single lead can extend beyond the edge of the sheet
    view.left = between(whole.left, view.left, whole.left + whole.width - view.width);
    view.top = between(top, view.top, top + high - height());
  }

  const self = {
    geometry,
    aspect,
    watch: (watcher) => watchers.push(watcher),
    view: () => ({ ...view, height: height() }),
    near: () => view.width < whole.width,
    // Part of the sheet that a tile of this width-to-height ratio shows, and its single lead.
    tile(ratio) {
      return self.near() || all ? [around(box, ratio), lead] : [around(boxOf(usual), ratio), usual.name];
    },
    // Box that tiles are made for.
    usual: usual ? boxOf(usual) : geometry.whole,
    alone: () => lead,
    toggleAll() { all = !usual || !all; self.whole(); },
    at(event) {
      const box = stage.getBoundingClientRect(), scale = view.width / box.width;
      return { across: view.left + (event.clientX - box.left) * scale, down: view.top + (event.clientY - box.top) * scale, scale };
    },
    middle: () => ({ across: view.left + view.width / 2, down: view.top + height() / 2 }),
    zoom(steps, at = self.middle()) { look(view.width / STEP ** steps, at.across, at.down); },
    move(across, down) {
      view = { ...view, left: view.left + across, top: view.top + down };
      keepIn();
      box = [view.left, view.top, view.width, height()];
      show();
    },
    whole() { lead = ""; view = whole; box = geometry.whole; show(); },
    lead(name) {
      const cell = geometry.cells.find((each) => each.name === name);
      if (!cell) return self.whole();
      lead = name;
      box = boxOf(cell);
      const part = around(box, aspect);
      view = { left: part.left, top: part.top, width: part.width };
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
  };
  stage.style.aspectRatio = String(aspect);
  return self;
}
