"""Tables of a study, as CSV files and as rows of its page."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
from ecglens.report import unique_key

from ..analysis import Analysis
from .wording import VIEWS, title_of


def csv_tables(analysis: Analysis) -> Iterator[tuple[str, pd.DataFrame]]:
    """File name (without ending) and table."""
    flat = analysis.votes.set_axis([" ".join(each) for each in analysis.votes.columns], axis=1)
    yield "votes", flat.reset_index()
    for name, table in (
        ("agreement", analysis.agreement),
        ("rater_behaviour", analysis.behaviour),
        ("blinding", analysis.blinding),
    ):
        if len(table):
            yield name, table
    rows = [panel.table.assign(target=t, view=v) for (t, v), panel in analysis.panels.items()]
    if rows:
        yield "ranking", pd.concat(rows)
    for (target, view), panel in analysis.panels.items():
        for name, table in panel.details.items():
            yield unique_key(f"{name} {target} {view}", ()).replace("-", "_", 1), table
    compared = [
        each.table.assign(
            target=each.target, view=each.view, tau=each.tau, low=each.low, high=each.high
        )
        for each in analysis.comparisons
    ]
    if compared:
        yield "votes_and_scores", pd.concat(compared)


def vote_rows(analysis: Analysis, view: str) -> dict[str, Any]:
    """Vote table of a view: titles of the targets, rows, maxima and sums."""
    table = analysis.votes[view]
    return {
        "view": VIEWS[view],
        "targets": [title_of(analysis, str(target)) for target in table.columns],
        "rows": [(str(method), [*map(int, row)]) for method, *row in table.itertuples()],
        "most": [int(table[target].max()) for target in table.columns],
        "sums": [int(table[target].sum()) for target in table.columns],
    }


def agreement_rows(analysis: Analysis, view: str) -> dict[str, Any]:
    """Agreement of a view: one row per target, kind and expert, with all coefficients in `by`."""
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in analysis.agreement.to_dict("records"):
        if row["view"] == view:
            named = {name: str(row[name]) for name in ("target", "kind", "expert")}
            key = (named["target"], named["kind"], named["expert"])
            words = named | {"target": title_of(analysis, named["target"])}
            numbers = {name: row[name] for name in ("decisions", "ecgs", "categories")}
            by = rows.setdefault(key, words | numbers | {"by": {}})["by"]
            by[row["coefficient"]] = row
    return {"view": VIEWS[view], "rows": [*rows.values()]}
