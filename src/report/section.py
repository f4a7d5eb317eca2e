"""A section of the report: one network by one protocol, ranked, worded and drawn."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from matplotlib.figure import Figure

from ..eval import Ranking, Result, rank
from ..eval.outcome import mean_curves
from .ecg_figures import averaged_figure, twelve_lead_figure
from .embed import FS, origin
from .figures import Curves, curves_figure, ranking_figure
from .pictures import png
from .style import style
from .words import Verdict, auc_label, outcome_label, reading, subject, verdict


@dataclass(frozen=True)
class Section:
    """`key` names the section's files and its place on the page."""

    key: str
    result: Result
    ranking: Ranking
    verdict: Verdict

    @property
    def title(self) -> str:
        """Target, input and rules."""
        words = subject(self.result).removeprefix("the ").replace(" network on ", " · ")
        return f"{words} · {self.result.scores.protocol.name} rules"

    @property
    def shown_method(self) -> str:
        """The method whose twelve leads are drawn: the best, else the one of largest area."""
        methods = self.result.scores.methods
        return self.ranking.best or next(n for n in self.ranking.names if n in methods)

    @cached_property
    def curves(self) -> Curves:
        """The panel of this section."""
        return Curves(
            title=self.title,
            outcome=outcome_label(self.result),
            mean=dict(mean_curves(self.result.scores)),
            controls=self.result.scores.controls,
            until=self.result.scores.protocol.until,
        )

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """Every figure of the section by the name of its file."""
        gallery, target = self.result.scores.gallery, self.result.target
        x, start = gallery.x[0], origin(gallery.segments)
        maps = {name: gallery.heatmaps[name][0] for name in self.ranking.names}
        record = gallery.records[0]
        what = f"{target.name} · ECG {record} ({reading(self.result, record)})"
        method = self.shown_method
        return {
            "curves": curves_figure([self.curves]),
            "ranking": ranking_figure(self.ranking.table, auc_label(self.result), self.title),
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
    groups: dict[tuple[Any, ...], list[Result]] = {}
    for result in results:
        scores = result.scores
        key = (result.network, result.target.name, result.input, scores.protocol, scores.records)
        groups.setdefault(key, []).append(result)
    sections: list[Section] = []
    for group in groups.values():
        result = _merged(group)
        ranking = rank(result)
        key = _key(result, {section.key for section in sections})
        sections.append(Section(key, result, ranking, verdict(result, ranking)))
    return sections


def _merged(group: Sequence[Result]) -> Result:
    if len(group) == 1:
        return group[0]
    from ..eval import merge

    return merge(group)


def _key(result: Result, taken: Collection[str]) -> str:
    words = f"{result.target.name}-{result.input}-{result.scores.protocol.name}".lower()
    plain = re.sub(r"[^a-z0-9]+", "-", words).strip("-") or "network"
    key, count = plain, 1
    while key in taken:
        count += 1
        key = f"{plain}-{count}"
    return key
