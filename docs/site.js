// What the theme adds once it has started.
new MutationObserver(() => {
  // It makes a landmark of every button that copies code; pages with several would have as many.
  for (const nav of document.querySelectorAll("nav.md-code__nav:not([role])"))
    nav.setAttribute("role", "none");
  // A table wider than its page is scrolled by keys too.
  for (const wrap of document.querySelectorAll(".md-typeset__scrollwrap:not([tabindex])")) {
    wrap.tabIndex = -1;
    new ResizeObserver(() => {
      wrap.tabIndex = wrap.scrollWidth > wrap.clientWidth ? 0 : -1;
    }).observe(wrap);
  }
}).observe(document.body, { childList: true, subtree: true });
