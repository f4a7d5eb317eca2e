// The theme makes a landmark of every button that copies code; pages with several would have as many.
new MutationObserver(() => {
  for (const nav of document.querySelectorAll("nav.md-code__nav:not([role])"))
    nav.setAttribute("role", "none");
}).observe(document.body, { childList: true, subtree: true });
