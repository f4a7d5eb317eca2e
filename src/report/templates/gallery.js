// A gallery: what is chosen, drawn and read out.
const SMOOTHINGS_MS = [0, 10, 30, 50]; // 30: a segment of the score; 50: half a P wave
const LONG_MM = 100; // cells of strips: panels below one another
for (const root of document.querySelectorAll("[data-gallery]")) {
  const data = JSON.parse(root.querySelector("script").textContent), key = root.dataset.gallery;
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
  const part = (name) => root.querySelector(`[data-${name}]`), parts = (name) => [...root.querySelectorAll(`[data-${name}]`)];
  const panels = parts("panel"), papers = parts("paper"), overs = parts("over"), multiples = part("multiples"), readout = part("readout");
  const points = Math.floor(data.length / data.width), mm = (1000 / data.fs) * data.mmPerMs, msPerPoint = (1000 / data.fs) * data.width;
  const named = (list, name) => list.findIndex((each) => each.name === name);
  const cursor = linkedCursor(overs);
  const long = data.sheets.all.cell_width > LONG_MM;
  const anyWave = Object.values(data.bits).reduce((all, bit) => all | bit, 0);
  const marked = data.segments.some((text) => new Int8Array(bytes(text)).some((mask) => mask & anyWave));
  // Three papers of twelve leads are long below each other.
  const small = matchMedia("(max-width: 50rem)");
  const choice = { map: "signed", smooth: 0, hide: 0, lead: small.matches ? data.leads[data.telling] : "", waves: marked };
  const worst = data.records.findIndex(({ mark }) => mark.startsWith("read worst")); // what goes wrong is seen first
  let ecg = Math.max(0, worst), first = data.opens[0], second = data.opens[1] ?? -1, at = null;
  let x, segments, shown, scenes = [], frame = 0, sliding = 0, width = 0;

  const known = ({ said, mark }) => [said, mark].filter(Boolean).join(", ");
  data.records.forEach((record, i) => part("ecg").add(new Option(`${known(record)} (${record.read})`, i)));
  data.methods.forEach(({ label }, i) => { for (const name of ["first", "second"]) part(name).add(new Option(label, i)); });
  data.leads.forEach((lead) => part("lead").add(new Option(lead, lead)));
  const smoothings = SMOOTHINGS_MS.filter((ms) => ms === 0 || ms >= 3 * msPerPoint);
  for (const ms of smoothings) part("smooth").add(new Option(smoothing(ms) || "none", ms));
  part("waves-choice").hidden = !marked;
  part("live").hidden = part("keys").hidden = false;
  root.querySelector(".static").classList.add("print");

  const single = () => second < 0 || second === first;
  const map = (method, levels, scales) => shownMap(levels, scales, data, points, { ...choice, width: widthOf(choice.smooth) });
  // An odd number of stored points.
  function widthOf(ms) { return ms ? 2 * Math.round((ms / msPerPoint - 1) / 2) + 1 : 1; }
  function smoothing(ms) { return ms ? `mean over ${Math.round(widthOf(ms) * msPerPoint)} ms` : ""; }

  function choose() {
    x = new Int16Array(bytes(data.x[ecg]));
    segments = new Int8Array(bytes(data.segments[ecg]));
    const own = (method) => map(method, new Int8Array(bytes(data.maps[method][ecg])), data.scales[method][ecg]);
    shown = single() ? [own(first)] : [own(first), own(second)];
    if (!single()) shown.push(difference(...shown, choice.hide));
    show();
    draw();
  }

  // The choice as the controls say it.
  function show() {
    const said = { ecg, first, second: single() ? "" : second, lead: choice.lead, map: choice.map, smooth: choice.smooth, hide: choice.hide };
    for (const [name, value] of Object.entries(said)) part(name).value = value;
    part("waves").checked = choice.waves;
    part("hidden").textContent = `${choice.hide} % of samples`;
    const methods = single() ? [first] : [first, second], leads = data.leads.map((name, index) => ({ name, index }));
    shareTables(part("shares"), {
      waves: data.waves, times: segments.some((mask) => mask & anyWave) ? times() : null,
      leads: choice.lead ? leads.filter(({ name }) => name === choice.lead) : leads,
      methods: methods.map((method) => data.methods[method].label),
      shares: methods.map((method) => new Float32Array(bytes(data.shares[method][ecg]))),
    });
    part("about").textContent = about();
    part("link").href = link();
  }

  // The last is what belongs to no wave.
  function times() {
    const share = (inside) => segments.filter(inside).length / segments.length || NaN;
    return data.waves.map((name) => share(name in data.bits ? (mask) => mask & data.bits[name] : (mask) => !(mask & anyWave)));
  }

  function link() {
    const name = (method) => data.methods[method].name, ms = at && Math.round(((at.sample - data.origin) * 1000) / data.fs);
    return linkOf(key, { ...choice, ecg: data.records[ecg].name, first: name(first), second: single() ? "" : name(second), at: at && { lead: at.lead, ms } });
  }

  const words = (place) => (place === 2 ? ["b more", "a more"] : shown[place].signed ? ["lowers", "raises"] : ["0", "strong"]);
  const title = (place) => (place === 2 ? "Difference" : data.methods[place ? second : first].label);

  function sheetFor(room) {
    if (choice.lead) return data.sheets[choice.lead];
    const { all, pairs = all } = data.sheets;
    return single() && room >= LEAST_SCALE * all.width ? all : pairs;
  }

  function draw() {
    width = part("panels").clientWidth;
    if (!width) return; // closed
    const waves = choice.waves && waveRuns(segments, data.bits), sheet = sheetFor(width);
    const view = { data, points, x, waves, leadOf: (cell) => data.leads.indexOf(cell.name) };
    part("panels").dataset.abreast = long ? 1 : shown.length;
    panels.forEach((panel, place) => { panel.hidden = place >= shown.length; });
    scenes = shown.map((each, place) => {
      const own = { ...view, map: each }, said = words(place);
      parts("title")[place].textContent = single() ? title(place) : `${"abc"[place]}  ${title(place)}`;
      parts("low")[place].textContent = said[0];
      parts("high")[place].textContent = said[1];
      panels[place].querySelector("i").className = each.signed ? "signed" : "unsigned";
      const scale = onScreen(papers[place], sheet, (pen, fine) => drawSheet(pen, sheet, { ...own, ...fine }));
      Object.assign(overs[place], { width: papers[place].width, height: papers[place].height });
      overs[place].style.cssText = papers[place].style.cssText;
      overs[place].style.touchAction = papers[place].offsetWidth > papers[place].closest(".wide").clientWidth ? "manipulation" : "pan-y";
      overs[place].setAttribute("aria-label", `${data.records[ecg].said} under ${place === 2 ? "the difference of both heatmaps" : `the heatmap of ${title(place)}`}${place ? "" : ". Arrow keys read out single points."}`);
      return { sheet, scale, view: own, title: title(place), words: said, long };
    });
    overs[0].tabIndex = 0;
    cursor.lay(scenes);
    if (at) point();
    const drawn = [ecg, first, second, width].join();
    if (drawn !== multiples.dataset.drawn) drawMultiples(multiples, view, data.averaged.map((each) => new Int8Array(bytes(each[ecg]))), single() ? [first] : [first, second]);
    multiples.dataset.drawn = drawn;
  }

  const minus = (text) => text.replaceAll("-", "−");
  // toPrecision(2) writes an exponent from 99.5 on.
  const short = (value) => minus(value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(1) : Math.abs(value) < 99.5 ? value.toPrecision(2) : value.toFixed(0));

  function point() {
    const lead = data.leads.indexOf(at.lead), microvolts = x[lead * data.length + at.sample];
    cursor.draw({ ...at, microvolts }, mm, data.mmPerMv);
    const place = lead * points + Math.min(points - 1, Math.floor(at.sample / data.width));
    const wave = data.waves.filter((name) => segments[at.sample] & data.bits[name]).join("/");
    const ms = Math.round(((at.sample - data.origin) * 1000) / data.fs);
    const here = [at.lead, minus(`${ms} ms`), minus(`${(microvolts / 1000).toFixed(2)} mV`), wave].filter(Boolean).join(" · ");
    const maps = shown.map(({ values, full }, each) => {
      const share = minus(`${Math.round(100 * values[place])} %`);
      if (each === 2) return `difference ${share}`;
      return `${title(each)} ${short(values[place] * full)}${{ "1": " or more", "-1": " or less" }[values[place]] ?? ""} (${share} of full colour)`;
    });
    readout.textContent = [here, ...maps].join(" · ");
  }

  // The view is in the address once somebody has changed it.
  function changed() {
    part("link").href = link();
    try {
      history.replaceState(null, "", link());
    } catch {
      // A page within another may have no address of its own; the link stays.
    }
  }

  function set(changes) {
    ({ ecg, first, second } = { ecg, first, second, ...changes });
    for (const name of Object.keys(choice)) if (name in changes) choice[name] = changes[name];
    if (at && choice.lead) at.lead = choice.lead; // the cursor is on what is shown
    choose();
    changed();
  }

  // The events of a frame are one move.
  function move(event, sheet) {
    const scale = sheet.width / event.target.clientWidth, found = pointedAt(sheet, event.offsetX * scale, event.offsetY * scale, mm, data.length);
    if (!found) return;
    at = { lead: found.cell.name, sample: found.sample };
    frame ||= requestAnimationFrame(() => { frame = 0; point(); });
  }

  overs.forEach((over, place) => {
    const follow = (event) => { readout.ariaLive = "off"; move(event, scenes[place].sheet); };
    over.addEventListener("pointermove", follow);
    over.addEventListener("pointerdown", follow);
    over.addEventListener("click", () => at && changed());
  });

  const wides = overs.map((over) => over.closest(".wide"));
  for (const wide of wides) wide.addEventListener("scroll", () => { for (const other of wides) other.scrollLeft = wide.scrollLeft; });

  const next = (list, value) => list[(list.indexOf(value) + 1) % list.length];
  const every = (list) => list.map((_, i) => i);
  const KEYS = {
    e: () => set({ ecg: next(every(data.records), ecg) }),
    m: () => set({ first: next(every(data.methods), first) }),
    c: () => set({ second: next([-1, ...every(data.methods)], second) }),
    x: () => !single() && set({ first: second, second: first }),
    l: () => set({ lead: choice.lead ? "" : (at ?? { lead: data.leads[data.v5] }).lead }),
    s: () => set({ map: choice.map === "signed" ? "size" : "signed" }),
    w: () => marked && set({ waves: !choice.waves }),
  };
  const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  overs[0].addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const own = KEYS[event.key], arrow = ARROWS[event.key];
    if (!own && !arrow) return;
    event.preventDefault();
    if (own) { own(); return; }
    const { cells } = scenes[0].sheet, here = at ?? { lead: cells[0].name, sample: data.origin };
    const place = (Math.max(0, named(cells, here.lead)) + arrow[0] + cells.length) % cells.length;
    at = { lead: cells[place].name, sample: Math.min(data.length - 1, Math.max(0, here.sample + arrow[1] * (event.shiftKey ? 10 : 1))) };
    readout.ariaLive = "polite";
    point();
    changed();
  });

  multiples.addEventListener("click", (event) => {
    const scale = data.multiples.width / multiples.clientWidth, found = pointedAt(data.multiples, event.offsetX * scale, event.offsetY * scale, mm, data.length);
    if (found) set({ first: data.multiples.cells.indexOf(found.cell) });
  });
  for (const name of ["ecg", "first"]) part(name).addEventListener("change", (event) => set({ [name]: Number(event.target.value) }));
  part("second").addEventListener("change", (event) => set({ second: event.target.value === "" ? -1 : Number(event.target.value) }));
  for (const name of ["lead", "map"]) part(name).addEventListener("change", (event) => set({ [name]: event.target.value }));
  part("smooth").addEventListener("change", (event) => set({ smooth: Number(event.target.value) }));
  part("hide").addEventListener("input", ({ target }) => { sliding ||= requestAnimationFrame(() => { sliding = 0; set({ hide: Number(target.value) }); }); });
  part("waves").addEventListener("change", (event) => set({ waves: event.target.checked }));

  const about = () => `${known(data.records[ecg])}: ${data.records[ecg].read}`;

  // What is drawn, in words, for the foot of a file.
  function foot() {
    return [about(), smoothing(choice.smooth), choice.hide && `weakest ${choice.hide} % hidden`].filter(Boolean).join(" · ");
  }
  const exported = (file) => async () => {
    const width = Number(part("mm").value), sheet = sheetFor(width * LEAST_SCALE);
    const scene = { panels: scenes.map((each) => ({ ...each, sheet })), foot: foot() };
    const made = await file(scene, width), kind = made.type === "image/png" ? "png" : "svg";
    const names = [data.records[ecg].name, data.methods[first].name, single() ? "" : data.methods[second].name, choice.lead];
    save(made, `${names.filter(Boolean).join("-").replace(/[^\w.-]+/g, "_")}-${width}mm.${kind}`);
  };
  part("svg").addEventListener("click", exported(svgFile));
  part("png").addEventListener("click", exported(pngFile));

  // The view of a link; what it says that this page does not have is left as it is.
  function follow() {
    const said = linkedTo(key);
    if (!said) return;
    const within = (list, value, other) => (list.includes(value) ? value : other);
    const method = (name, other) => (named(data.methods, name) < 0 ? other : named(data.methods, name));
    ecg = Math.max(0, named(data.records, said.ecg));
    first = method(said.first, first);
    second = said.second === "" ? -1 : method(said.second, second);
    Object.assign(choice, {
      lead: within(["", ...data.leads], said.lead, choice.lead), map: within(["signed", "size"], said.map, "signed"),
      smooth: within(smoothings, Number(said.smooth), 0), hide: Math.min(99, Math.max(0, Math.round(Number(said.hide)) || 0)),
      waves: marked && said.waves !== "0",
    });
    const [lead, ms] = (said.at ?? "").split(","), sample = Math.round((Number(ms) * data.fs) / 1000) + data.origin;
    at = data.leads.includes(lead) && sample >= 0 && sample < data.length ? { lead, sample } : null;
    if (at && choice.lead) {
      if (!said.lead) choice.lead = at.lead;
      at.lead = choice.lead;
    }
    for (let each = root.parentElement; each; each = each.parentElement) if (each.tagName === "DETAILS") each.open = true;
    choose();
    root.scrollIntoView();
  }
  new ResizeObserver(() => { if (part("panels").clientWidth !== width) draw(); }).observe(part("panels"));
  addEventListener("hashchange", follow);
  choose();
  follow();
}
