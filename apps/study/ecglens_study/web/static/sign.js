// Whether maps show their sign, raises or lowers: a button within `root`, whose class says it.
const KEPT = "sign"; // for the session: the next ECG looks like this one

export function signs(root, redraw) {
  const button = root.querySelector("[data-do=sign]");
  const on = () => root.classList.contains("signs");
  function turn(to) {
    if (!button) return; // a mean over leads has no sign
    root.classList.toggle("signs", to);
    button.setAttribute("aria-pressed", String(to));
    try { sessionStorage.setItem(KEPT, to ? "on" : "off"); } catch { /* Kept on this page only. */ }
    redraw();
  }
  function before() { try { return sessionStorage.getItem(KEPT) === "on"; } catch { return false; } }
  return { on, asBefore: () => turn(before()), other: () => turn(!on()) };
}
