"""study.html: the votes, the agreement and the scores on one self-contained page."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from ..datamodules import Target
from ..eval import Answer
from ..report.figures.forest import forest_figure
from ..report.figures.pictures import inline_svg, png, vector
from ..report.figures.style import printed
from ..report.keys import unique_key
from ..report.self_contained import environment, own_file, write_file
from ..report.tables import write_table
from ..report.text.words import auc_label, target_words
from ..store import write_text
from .agreement import COEFFICIENTS
from .analysis import Analysis
from .figures import VIEWS, against_figure
from .preference import WHAT

PAGE, PANELS = "study.html", "panels"


def write_study(analysis: Analysis, folder: Path) -> Path:
    """Write study.html, the tables as CSV, figures as PNG, PDF and SVG, and panels/; the page.

    In panels/ a folder for each target and view holds the votes as an eval.Panel, and as an Answer
    that a report shows where the network is known.
    """
    figures = dict(_figures(analysis))
    for name, figure in figures.items():
        write_file(folder / f"{name}.png", png(figure))
        for kind in ("pdf", "svg"):
            write_file(folder / f"{name}.{kind}", vector(figure, kind))
    for name, table in _tables(analysis):
        write_table(table, folder / f"{name}.csv")
    for (target, view), panel in analysis.panels.items():
        place = folder / PANELS / unique_key(f"{target} {view}", ())
        if result := analysis.results.get(target):
            ecgs = len(panel.records)
            answer = Answer(result.target, result.input, (result.network,), ecgs, ecgs, panel)
            answer.save(place)
        else:
            panel.save(place)
    shown = {name: inline_svg(figure, name) for name, figure in figures.items()}
    page = environment("ecglens.study").get_template("study.html")
    return write_text(
        folder / PAGE, page.render(css=own_file("report.css"), figures=shown, **_shown(analysis))
    )


def _figures(analysis: Analysis) -> Iterator[tuple[str, Figure]]:
    for view in _views(analysis) if analysis.panels else []:
        of = {target: panel for (target, seen), panel in analysis.panels.items() if seen == view}
        # The forest of one measure on many targets: a panel for each target.
        table = pd.concat([panel.table.assign(measure=target) for target, panel in of.items()])
        measures = [
            replace(panel.measures[0], name=f"target_{place}", label=_words(analysis, target))
            for place, (target, panel) in enumerate(of.items())
        ]
        names = dict(zip(of, (measure.name for measure in measures), strict=True))
        table["measure"] = [names[target] for target in table["measure"]]
        what = WHAT[analysis.study.protocol][0]
        yield f"votes-{view}", forest_figure(table, tuple(measures), f"{what}, {VIEWS[view]}")
    for target in dict.fromkeys(each.target for each in analysis.against):
        panels = [each for each in analysis.against if each.target == target]
        yield (
            unique_key(f"against {target}", ()),
            against_figure(
                panels,
                _words(analysis, target),
                WHAT[analysis.study.protocol][0].lower(),
                auc_label(analysis.results[target]),
            ),
        )


def _tables(analysis: Analysis) -> Iterator[tuple[str, pd.DataFrame]]:
    flat = analysis.votes.set_axis([" ".join(each) for each in analysis.votes.columns], axis=1)
    yield "votes", flat.reset_index()
    for name in ("agreement", "conduct", "blinding"):
        if len(table := getattr(analysis, name)):
            yield name, table
    rows = [panel.table.assign(target=t, view=v) for (t, v), panel in analysis.panels.items()]
    if rows:
        yield "ranking", pd.concat(rows)
    for (target, view), panel in analysis.panels.items():
        for name, table in panel.details.items():
            yield unique_key(f"{name} {target} {view}", ()).replace("-", "_", 1), table
    compared = [
        each.table.assign(target=each.target, view=each.view, tau=each.tau, low=each.low,
                          high=each.high)
        for each in analysis.against
    ]  # fmt: skip
    if compared:
        yield "against", pd.concat(compared)


def _shown(analysis: Analysis) -> dict[str, Any]:
    """What the template needs beside the figures."""
    methods = [str(name) for name in analysis.votes.index]
    return {
        "name": analysis.study.name,
        "protocol": analysis.study.protocol,
        "notes": analysis.notes,
        "answers": [
            (f"{_words(analysis, target)}, {VIEWS[view]}", printed(panel.sentence, methods))
            for (target, view), panel in analysis.panels.items()
        ],
        "compared": [
            (
                f"{_words(analysis, each.target)}, {VIEWS[each.view]}",
                printed(each.sentence, methods),
            )
            for each in analysis.against
        ],
        "vote_tables": [_vote_table(analysis, view) for view in _views(analysis)],
        "agreement": [_agreement(analysis, view) for view in _views(analysis)],
        "coefficients": COEFFICIENTS,
        "conduct": analysis.conduct.to_dict("records"),
        "blinding": analysis.blinding.to_dict("records"),
    }


def _views(analysis: Analysis) -> list[str]:
    return [str(view) for view in dict.fromkeys(view for view, _ in analysis.votes.columns)]


def _words(analysis: Analysis, target: str) -> str:
    """A target as it stands in a title."""
    result = analysis.results.get(target)
    return target_words(result.target if result else Target(target, "", target))


def _vote_table(analysis: Analysis, view: str) -> dict[str, Any]:
    table = analysis.votes[view]
    return {
        "view": VIEWS[view],
        "targets": [_words(analysis, str(target)) for target in table.columns],
        "rows": [(str(method), [*map(int, row)]) for method, *row in table.itertuples()],
        "most": [int(table[target].max()) for target in table.columns],
        "sums": [int(table[target].sum()) for target in table.columns],
    }


def _agreement(analysis: Analysis, view: str) -> dict[str, Any]:
    """A row per target, kind and expert; a coefficient each in a column."""
    told: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in analysis.agreement.to_dict("records"):
        if row["view"] == view:
            named = {name: str(row[name]) for name in ("target", "kind", "expert")}
            key = (named["target"], named["kind"], named["expert"])
            words = named | {"target": _words(analysis, named["target"])}
            seen = {name: row[name] for name in ("decisions", "ecgs", "categories")}
            told.setdefault(key, words | seen | {"by": {}})["by"][row["coefficient"]] = row
    return {"view": VIEWS[view], "rows": [*told.values()]}
