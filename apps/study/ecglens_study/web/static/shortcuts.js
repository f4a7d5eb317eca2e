// Single-key shortcuts can be turned off: speech input can type letters that are not commands.
const NAME = "single keys";

export function shortcuts(box) {
  const stored = () => { try { return localStorage.getItem(NAME); } catch { return null; } };
  box.checked = stored() !== "off";
  box.addEventListener("change", () => {
    try { localStorage.setItem(NAME, box.checked ? "on" : "off"); } catch { /* Stored for this page only. */ }
  });
  return { on: () => box.checked };
}
