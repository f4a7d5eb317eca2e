// Single keys can be switched off: speech input and some aids type letters nobody meant as keys.
const NAME = "single keys";

export function singleKeys(box) {
  const stored = () => { try { return localStorage.getItem(NAME); } catch { return null; } };
  box.checked = stored() !== "off";
  box.addEventListener("change", () => {
    try { localStorage.setItem(NAME, box.checked ? "on" : "off"); } catch { /* For this page alone. */ }
  });
  return { on: () => box.checked };
}
