// Share of Σ|attribution| in each wave and lead of whole maps, of the leads that are shown;
// `times` is the share of the samples in each wave, null where none is marked.
function shareTables(place, { waves, leads, methods, shares, times }) {
  const percent = (share) => (Number.isNaN(share) ? "–" : `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`);
  const of = (own, lead, wave) => own[lead * waves.length + wave];
  const sum = (numbers) => { const known = numbers.filter((number) => !Number.isNaN(number)); return known.length ? known.reduce((a, b) => a + b, 0) : NaN; };
  const cell = (row, kind, text, number) => {
    const made = document.createElement(kind);
    made.textContent = text;
    if (number) made.className = "number";
    if (kind === "th") made.scope = row.parentElement.tagName === "THEAD" ? "col" : "row";
    row.append(made);
  };
  const table = (caption, columns, rows) => {
    const made = document.createElement("table");
    made.createCaption().textContent = caption;
    const head = made.createTHead().insertRow(), body = made.createTBody();
    cell(head, "td", "");
    for (const column of columns) cell(head, "th", column, true);
    for (const [name, numbers] of rows) {
      const row = body.insertRow();
      cell(row, "th", name);
      for (const number of numbers) cell(row, "td", percent(number), true);
    }
    return made;
  };
  const where = leads.map(({ index }) => index);
  const tables = [];
  if (times) {
    const rows = waves.map((wave, w) => [wave, [times[w], ...shares.map((own) => sum(where.map((lead) => of(own, lead, w))))]]);
    tables.push(table(`By wave${leads.length === 1 ? ` in ${leads[0].name}` : ""}`, ["Samples", ...methods], rows));
  }
  tables.push(table("By lead", methods, leads.map(({ name, index }) => [name, shares.map((own) => own[waves.length * 12 + index])])));
  place.replaceChildren(...tables);
}
