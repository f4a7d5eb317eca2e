// Voting page: selected map, choice, and keyboard shortcuts.
import { calipers } from "./calipers.js";
import { draw } from "./drawing.js";
import { loaded } from "./loading.js";
import { pointer } from "./pointer.js";
import { breakNotice, timed } from "./send.js";
import { sheet } from "./sheet.js";
import { shortcuts } from "./shortcuts.js";
import { signs } from "./sign.js";
import { swipes } from "./swipe.js";
import { arrange } from "./tiles.js";

const root = document.querySelector("[data-vote]");
const find = (name) => root.querySelector(name), all = (name) => [...root.querySelectorAll(name)];
const stage = find(".stage"), large = find(".stage canvas"), ballot = find("[data-ballot]"), list = find(".tiles");
const task = root.dataset.task, single = root.classList.contains("single"), decided = root.dataset.decided === "yes";
const further = task === "judge" ? "[name=rating]" : "[name=second]"; // a question beside the first
const radios = all(task === "rate" ? "[name=rating]" : "[name=position]");
const tiles = all(".tile"), dialog = find("[data-dialog]"), lead = find("[data-lead]");
const say = (words) => { find("[data-said]").textContent = words; };
const NEAR = 3; // steps of Z
const MISSING = { rate: "Rate the map", judge: "Right or wrong?" }, verb = task === "judge" ? "Answer" : "Vote";
const LOADING = "The maps are loading";

const paper = sheet(root, stage);
const ecg = loaded({ address: root.dataset.drawings, shown: Number(root.dataset.shown), geometry: paper.geometry }, find("[data-lost]"), arrived);
const caliper = calipers(stage, paper, find("[data-readout]"));
pointer(stage, paper, caliper);
let looked = 0, pending = 0, whole = true;

function arrived() {
  paint();
  root.classList.add("drawn");
  say("");
  start();
}

function paint() {
  pending = 0;
  const shown = (number) => (bare() || !number ? null : ecg.maps[number - 1]);
  const signed = sign.on();
  draw(large, paper.geometry, ecg.signal, shown(looked), paper.view(), { signed, only: paper.alone() });
  if (!whole) return;
  whole = false;
  tiles.forEach((tile, place) => {
    const canvas = tile.querySelector("canvas");
    if (!canvas.clientHeight) return;
    const [view, only] = paper.tile(canvas.clientWidth / canvas.clientHeight);
    draw(canvas, paper.geometry, ecg.signal, shown(place + 1), view, { signed, only });
  });
}

// Once a frame, whatever changed in it; another map on the large sheet changes no tile.
function redraw(tilesToo = true) {
  whole ||= tilesToo;
  if (ecg.all() && !pending) pending = requestAnimationFrame(paint);
}

function look(number) {
  looked = number;
  stage.dataset.map = number;
  const badge = find("[data-looked]");
  badge.hidden = !number || single;
  badge.textContent = number;
  tiles.forEach((tile, place) => tile.classList.toggle("looked", place + 1 === number));
  redraw(false);
}

const value = (radio) => Number(radio.value);
const chosen = () => radios.find((radio) => radio.checked);
function words(radio) {
  if (task === "rate") return `Rating ${radio.value}`;
  if (task === "judge") return value(radio) ? "right" : "wrong";
  return value(radio) ? `Map ${radio.value}` : "None is useful";
}

function choose(radio) {
  if (!radio) return;
  if (decided) {
    swiped.to(value(radio));
    if (!single) look(value(radio));
    return;
  }
  if (!ecg.all()) { say(LOADING); return; }
  radio.checked = true;
  radio.focus({ preventScroll: true });
  swiped.to(value(radio));
  changed();
}

function changed() {
  const radio = chosen(), cast = find("[data-cast]");
  if (radio && !single) look(value(radio));
  if (!cast) return;
  cast.firstElementChild.textContent = radio ? `${verb}: ${words(radio)}` : MISSING[task] ?? "Choose a map";
  cast.classList.toggle("waiting", !radio);
  if (radio) say(`${words(radio)} chosen`);
}

function step(right, down) {
  const now = decided ? radios.findIndex((each) => value(each) === looked) : radios.indexOf(chosen());
  if (now < 0) { choose(radios[0]); return; }
  const across = down && !single ? columns() : 1;
  const next = now + (right + down * across);
  const last = radios.length - 1;
  choose(radios[next > last && now < last && down ? last : (next + radios.length) % radios.length]);
}

function columns() {
  const tops = tiles.map((tile) => Math.round(tile.getBoundingClientRect().top));
  return tops.filter((top) => top === tops[0]).length;
}

function hide(on) {
  root.classList.toggle("bare", on);
  find("[data-do=heat]").setAttribute("aria-pressed", String(on));
  redraw();
}
const bare = () => root.classList.contains("bare");

const sign = signs(root, redraw);

const actions = {
  in: () => paper.zoom(1),
  out: () => paper.zoom(-1),
  whole: () => paper.whole(),
  calipers() {
    caliper.toggle();
    redraw(false); // phones show the large sheet only now
    find("[data-do=calipers]").setAttribute("aria-pressed", String(caliper.on()));
  },
  heat: () => hide(!bare()),
  sign: sign.other,
  all() {
    paper.toggleAll();
    root.classList.toggle("all");
    find("[data-do=all]").setAttribute("aria-pressed", String(root.classList.contains("all")));
  },
};

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const letters = shortcuts(find("[data-single]"));
let heldSince = 0;
const keys = {
  "+": actions.in,
  "=": actions.in,
  "-": actions.out,
  "−": actions.out,
  z: () => (paper.near() ? paper.whole() : paper.zoom(NEAR)),
  a: () => find("[data-do=all]") && actions.all(),
  c: actions.calipers,
  x: () => caliper.on() && caliper.other(),
  l: (event) => paper.nextLead(event.shiftKey ? -1 : 1),
  s: actions.sign,
  h(event) { if (!event.repeat) { heldSince = event.timeStamp; actions.heat(); } },
  u: () => { const form = document.getElementById("undo"); if (form) form.requestSubmit(); },
  q() {
    const answers = all(further);
    if (!ecg.all()) say(LOADING);
    else if (answers.length && !decided) answers[(answers.findIndex((each) => each.checked) + 1) % answers.length].click();
  },
  n() {
    const comment = find(".comment");
    if (comment) { comment.open = true; comment.querySelector("textarea").focus(); }
  },
  "?": () => dialog.showModal(),
  escape() { if (caliper.on()) actions.calipers(); else paper.whole(); },
};

function arrow(event) {
  const [right, down] = ARROWS[event.key];
  if (caliper.on()) caliper.arrow(right, -down, event.shiftKey);
  else if (event.shiftKey) paper.move(right * paper.view().width * 0.1, down * paper.view().height * 0.1);
  else step(right, down);
}

document.addEventListener("keydown", (event) => {
  const at = event.target, kind = at.tagName;
  if (!letters.on() || dialog.open || event.ctrlKey || event.metaKey || event.altKey) return;
  if (kind === "TEXTAREA") {
    if (event.key === "Escape") stage.focus();
    return;
  }
  if (kind === "SELECT") return;
  document.documentElement.classList.add("keyboard"); // beside a touch screen
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key in ARROWS && !at.matches(`${further}, [name=second]`)) { event.preventDefault(); arrow(event); return; }
  if (key === "Enter") {
    if (event.repeat || ["BUTTON", "A", "SUMMARY"].includes(kind)) return;
    event.preventDefault();
    if (decided) find("[data-on]").click();
    else ballot.requestSubmit();
    return;
  }
  const radio = /^[0-9]$/.test(key) && radios.find((each) => each.value === key);
  if (radio) { choose(radio); return; }
  const action = keys[key.toLowerCase()];
  if (action) { event.preventDefault(); action(event); }
});
document.addEventListener("keyup", (event) => {
  // H was held, not pressed: show the colour again.
  if (event.key.toLowerCase() === "h" && heldSince && event.timeStamp - heldSince > 400) hide(false);
});

// Phones show and hide the large sheet above the tools: the page scrolls so that they stay in place.
function steadily(action) {
  const tools = find(".tools"), top = tools.getBoundingClientRect().top;
  action();
  scrollBy(0, tools.getBoundingClientRect().top - top);
}
for (const button of all("[data-do]")) button.addEventListener("click", () => steadily(actions[button.dataset.do]));
for (const radio of radios) radio.addEventListener("change", changed);
if (lead) {
  lead.addEventListener("change", () => { paper.lead(lead.value); stage.focus(); });
  paper.watch((_, name) => { lead.value = name; });
}
document.querySelector("[data-help]").addEventListener("click", (event) => { event.preventDefault(); dialog.showModal(); });
const rest = find("[data-rest]");
if (rest) breakNotice(rest);

const start = timed(ballot, () => chosen() && ecg.all() && (task !== "judge" || find(`${further}:checked`)), () => {
  if (!ecg.all()) { say(LOADING); return; }
  say({ rate: "Choose a rating from 1 to 5 first", judge: "Say whether the reading is right, and how sure you are" }[task] ?? "Choose a map first");
  find("[data-cast]").classList.add("missing");
});
const swiped = swipes(list, tiles, (number) => { if (decided || !chosen()) look(number); });
if (decided) tiles.forEach((tile, place) => tile.addEventListener("click", () => look(place + 1)));
function arranged() {
  arrange(root, paper.usual, paper.geometry.signed);
  if (chosen()) swiped.to(value(chosen())); // a turned phone shows what the button votes for
  redraw();
}
paper.watch(() => redraw());
addEventListener("resize", arranged);
root.classList.add("ready");
sign.asBefore();
arranged();
look(single ? Math.min(1, Number(root.dataset.shown)) : 0);
changed();
if (chosen()) swiped.to(value(chosen()));
if (root.dataset.ahead) fetch(root.dataset.ahead).catch(() => {}); // the next page asks again
