"use strict";
// A column's head sorts its table: first up, then down; cells without a number or word stay last.
for (const table of document.querySelectorAll("table")) {
  const [body] = table.tBodies, heads = [...(table.tHead?.rows[table.tHead.rows.length - 1].cells ?? [])];
  if (!body || body.rows.length < 2) continue;
  const said = (row, column) => row.cells[column].textContent.trim().replaceAll("−", "-");
  const missing = (words) => words === "" || words.startsWith("–");
  // A bound, "(2)" and "12 (9 to 14)" are numbers, "12ab" is none.
  const number = (words) => Number(words.match(/^[(<\u2264\s]*(-?\d+(?:\.\d+)?(?:e[-+]?\d+)?)(?!\w)/)?.[1] ?? NaN);

  function sort(column, down) {
    const rows = [...body.rows], words = new Map(rows.map((row) => [row, said(row, column)]));
    const there = rows.filter((row) => !missing(words.get(row)));
    const numbers = there.every((row) => !Number.isNaN(number(words.get(row))));
    const compare = (a, b) => numbers ? number(a) - number(b) : a.localeCompare(b);
    there.sort((a, b) => (down ? -1 : 1) * compare(words.get(a), words.get(b)));
    body.append(...there, ...rows.filter((row) => missing(words.get(row))));
  }

  heads.forEach((head, column) => {
    if (!head.textContent.trim()) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.ariaSort === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      sort(column, down);
    });
  });
}
// What is wider than the page is scrolled by keyboard too.
for (const wide of document.querySelectorAll(".wide")) {
  new ResizeObserver(() => {
    if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
    else wide.removeAttribute("tabindex");
  }).observe(wide);
}
for (const button of document.querySelectorAll("[data-open]")) {
  const details = document.querySelectorAll("details");
  button.hidden = details.length === 0;
  button.addEventListener("click", () => {
    const open = ![...details].every((each) => each.open);
    for (const each of details) each.open = open;
    button.textContent = open ? "Close all details" : "Open all details";
  });
}
