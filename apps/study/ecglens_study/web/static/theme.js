"use strict";
// Runs before the page is drawn: light or dark as chosen on this device, else as in the system.
{
  const root = document.documentElement, system = matchMedia("(prefers-color-scheme: dark)");
  const stored = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const dark = () => (stored() || (system.matches ? "dark" : "light")) === "dark";
  const show = () => {
    root.dataset.theme = dark() ? "dark" : "light";
    const button = document.querySelector("[data-theme-button]");
    if (button) button.setAttribute("aria-pressed", String(dark()));
  };
  root.classList.add("js");
  show();
  system.addEventListener("change", show);
  addEventListener("storage", show);
  document.addEventListener("DOMContentLoaded", () => {
    show();
    document.querySelector("[data-theme-button]").addEventListener("click", () => {
      const wanted = dark() ? "light" : "dark";
      root.dataset.theme = wanted;
      try { localStorage.setItem("theme", wanted); } catch { /* No storage: the choice holds for this page only. */ }
      show();
    });
  });
}
