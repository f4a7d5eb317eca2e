"""Figures of a study: votes per method, and votes beside scores."""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
from ecglens.report import unique_key
from ecglens.report.figures import forest_figure
from ecglens.report.text import auc_label
from matplotlib.figure import Figure

from ..analysis import Analysis
from ..analysis.preference import MEASURES
from .scatter import scatter_figure
from .wording import VIEWS, title_of, views_of

VOTES, COMPARISON = "votes-", "votes-and-scores-"


def figures_of(analysis: Analysis) -> Iterator[tuple[str, Figure]]:
    """File name (without ending) and figure, one per view and one per compared target."""
    label = MEASURES[analysis.study.task][0]
    for view in views_of(analysis) if analysis.panels else []:
        yield f"{VOTES}{view}", _votes_figure(analysis, view, label)
    for target in dict.fromkeys(each.target for each in analysis.comparisons):
        comparisons = [each for each in analysis.comparisons if each.target == target]
        score = auc_label(analysis.results[target])
        figure = scatter_figure(comparisons, title_of(analysis, target), label.lower(), score)
        yield unique_key(f"{COMPARISON}{target}", ()), figure


def _votes_figure(analysis: Analysis, view: str, label: str) -> Figure:
    """Forest of the votes, with one panel per target."""
    panels = {target: panel for (target, of), panel in analysis.panels.items() if of == view}
    # forest_figure draws one panel per measure: each target stands in as a measure.
    table = pd.concat([panel.table.assign(measure=target) for target, panel in panels.items()])
    measures = [
        replace(panel.measures[0], name=f"target_{place}", label=title_of(analysis, target))
        for place, (target, panel) in enumerate(panels.items())
    ]
    names = dict(zip(panels, (measure.name for measure in measures), strict=True))
    table["measure"] = [names[target] for target in table["measure"]]
    return forest_figure(table, tuple(measures), f"{label}, {VIEWS[view]}")
