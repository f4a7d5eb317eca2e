"""A section of the report: one network by one protocol, ranked, worded and drawn."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from matplotlib.figure import Figure

from ...eval import Ranking, Result, merge, rank
from ...eval.evaluations.class_auroc import Deletions
from ...eval.ranking.merge import experiment
from ...eval.ranking.outcome import mean_curves
from ..figures.critical_difference import critical_difference_figure
from ..figures.curves import Curves, curves_figure, ranking_figure
from ..figures.ecg import averaged_figure, twelve_lead_figure
from ..figures.pictures import png
from ..figures.style import style
from ..keys import unique_key
from ..text.differences import differences
from ..text.disturbance import axis
from ..text.words import Verdict, auc_label, auc_unit, heading, outcome_label, reading, verdict
from .class_auroc import deletions_figure, deletions_of
from .gallery import FS, origin
from .ladder import ladder_figure
from .sureness import Sureness

# Settings and parts of an experiment that tell networks of one group apart, or only jobs of one.
VARY_WITH_SEED = ("seed", "seeds", "logger", "method")
BY_SEED = ("networks", "seeds")


@dataclass(frozen=True)
class Section:
    """`key` names the section's files and its place on the page.

    `title` is target, input and rules, and what tells it from other sections of these.
    """

    key: str
    title: str
    results: tuple[Result, ...]  # of networks that differ in their seed alone
    ranking: Ranking
    verdict: Verdict

    @property
    def result(self) -> Result:
        """That of the first network, whose heatmaps are shown."""
        return self.results[0]

    @property
    def shown_method(self) -> str:
        """Whose twelve leads are drawn: the best, else that of largest area, else a control."""
        methods, names = self.result.scores.methods, self.ranking.names
        return self.ranking.best or next((n for n in names if n in methods), names[0])

    @cached_property
    def sureness(self) -> Sureness:
        """How sure the order is."""
        return Sureness(self.results, self.ranking)

    @cached_property
    def deleted(self) -> Deletions | None:
        """How well the class is still told while points are deleted; None for other targets."""
        return deletions_of(self.results)

    @cached_property
    def curves(self) -> Curves:
        """The panel of this section."""
        return Curves(
            title=self.title,
            outcome=outcome_label(self.result),
            mean=mean_curves(*(result.scores for result in self.results)),
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
        if self.sureness.test and self.sureness.tells:
            figures["ranks"] = critical_difference_figure(self.sureness.test, self.title)
        ladder = ladder_figure(self.ranking, auc_unit(self.result), self.title)
        if ladder:
            figures["ladder"] = ladder
        if self.deleted:
            figures["deletions"] = deletions_figure(self.deleted, self.result, self.curves.axis)
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
    groups = ranked_together(results)
    firsts = [group[0] for group in groups]
    for group, differing in zip(groups, differences(firsts), strict=True):
        result, ranking = group[0], rank(group)
        key = _key(result, differing, {section.key for section in sections})
        title = " · ".join(filter(None, [*heading(result), differing]))
        sections.append(Section(key, title, group, ranking, verdict(group, ranking)))
    return sections


def ranked_together(results: Sequence[Result]) -> list[tuple[Result, ...]]:
    """The results of each ranking: jobs of one experiment merged, networks of several seeds."""
    return same_but_seed(_merged(results))


def same_but_seed(results: Sequence[Result]) -> list[tuple[Result, ...]]:
    """Groups of results of networks that differ in their seed alone, in the order they come.

    A network is in a group once, and a method of one name has the same settings in all of it.
    """
    groups: list[tuple[str | None, list[Result]]] = []
    for result in results:
        asked = _but_seed(result)
        fitting = (
            group
            for of, group in groups
            if asked is not None and of == asked and all(_comparable(result, one) for one in group)
        )
        if (group := next(fitting, None)) is None:
            groups.append((asked, group := []))
        group.append(result)
    return [tuple(group) for _, group in groups]


def _comparable(one: Result, other: Result) -> bool:
    """Whether they are of two networks under methods with the same settings."""
    if one.network == other.network:
        return False
    a, b = (result.facts["settings"].get("method", {}) for result in (one, other))
    return all(a[name] == b[name] for name in a.keys() & b.keys())


def _but_seed(result: Result) -> str | None:
    """What networks of one group have in common; None where the settings are not known."""
    settings = result.facts.get("settings")
    if settings is None:
        return None
    same = {key: value for key, value in settings.items() if key not in VARY_WITH_SEED}
    asked = {key: value for key, value in experiment(result).items() if key not in BY_SEED}
    return json.dumps([same, asked], sort_keys=True, default=str)


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
    return unique_key("-".join(of), taken)
