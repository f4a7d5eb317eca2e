"""A section of the report: one network by one protocol, ranked, worded and drawn."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from matplotlib.figure import Figure

from ..eval import Ranking, Result, merge, rank
from ..eval.merge import experiment
from ..eval.outcome import mean_curves
from .differences import differences
from .disturbance import axis
from .ecg_figures import averaged_figure, twelve_lead_figure
from .embed import FS, origin
from .figures import Curves, curves_figure, ranking_figure
from .pictures import png
from .style import style
from .words import Verdict, auc_label, heading, outcome_label, reading, verdict

LONGEST_KEY = 120  # characters; a file's name may have 255


@dataclass(frozen=True)
class Section:
    """`key` names the section's files and its place on the page.

    `title` is target, input and rules, and what tells it from other sections of these.
    """

    key: str
    title: str
    result: Result
    ranking: Ranking
    verdict: Verdict

    @property
    def shown_method(self) -> str:
        """Whose twelve leads are drawn: the best, else that of largest area, else a control."""
        methods, names = self.result.scores.methods, self.ranking.names
        return self.ranking.best or next((n for n in names if n in methods), names[0])

    @cached_property
    def curves(self) -> Curves:
        """The panel of this section."""
        return Curves(
            title=self.title,
            outcome=outcome_label(self.result),
            mean=dict(mean_curves(self.result.scores)),
            controls=self.result.scores.controls,
            until=self.result.scores.protocol.until,
            axis=axis(self.result.scores.protocol),
        )

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """Every figure of the section by the name of its file."""
        figures = {
            "curves": curves_figure([self.curves]),
            "ranking": ranking_figure(self.ranking.table, auc_label(self.result), self.title),
        }
        gallery = self.result.scores.gallery
        if not gallery.records:
            return figures
        x, start, record = gallery.x[0], origin(gallery.segments), gallery.records[0]
        maps = {name: gallery.heatmaps[name][0] for name in self.ranking.names}
        what = f"{heading(self.result)[0]} · ECG {record} ({reading(self.result, record)})"
        method = self.shown_method
        return figures | {
            "twelve-leads": twelve_lead_figure(
                x, maps[method], f"{style(method).label} · {what}", FS, start
            ),
            "averaged": averaged_figure(x, maps, f"Mean over the leads, on V5 · {what}", FS, start),
        }

    @cached_property
    def pictures(self) -> dict[str, bytes]:
        """Every figure as PNG."""
        return {name: png(figure) for name, figure in self.figures.items()}


def gathered(results: Sequence[Result]) -> list[Section]:
    """The sections of a report, in the order in which their first results came.

    Raises ValueError when there is no result.
    """
    if not results:
        raise ValueError("expected at least one result to report, got none")
    sections: list[Section] = []
    merged = _merged(results)
    for result, differing in zip(merged, differences(merged), strict=True):
        ranking = rank(result)
        key = _key(result, differing, {section.key for section in sections})
        title = " · ".join(filter(None, [*heading(result), differing]))
        sections.append(Section(key, title, result, ranking, verdict(result, ranking)))
    return sections


def _merged(results: Sequence[Result]) -> list[Result]:
    """Results of one experiment become one, unless a method of one name gave different curves."""
    merged: list[Result] = []
    for result in results:
        for place, other in enumerate(merged):
            if experiment(other) != experiment(result):
                continue
            try:
                merged[place] = merge([other, result])
            except ValueError:  # the same method with other settings: a section of its own
                continue
            break
        else:
            merged.append(result)
    return merged


def _key(result: Result, differing: str, taken: Collection[str]) -> str:
    target = result.target
    explained = f"{target.name} {target.explained}" if target.classes else target.name
    of = (explained, result.input, result.scores.protocol.name, differing)
    plain = re.sub(r"[^a-z0-9]+", "-", "-".join(of).lower()).strip("-")[:LONGEST_KEY] or "network"
    key, count = plain, 1
    while key in taken:
        count += 1
        key = f"{plain}-{count}"
    return key
