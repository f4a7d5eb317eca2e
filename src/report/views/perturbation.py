"""The view of a perturbation: ranking, words, curves, ladder, heatmaps."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure
from typing_extensions import deprecated

from ... import registry
from ...eval import Finding, Ranking, TargetRegion, each_network, grouped, rank
from ...eval.evaluations.perturbation import prior_region
from ...eval.ranking import MARGIN, mean_curves
from ...eval.statistics import LEVEL
from ..figures.curves import DrawnCurves, curves_figure
from ..figures.ecg import averaged_figure, twelve_lead_figure
from ..figures.intervals import critical_difference_figure, ranking_figure
from ..figures.pictures import inline_svg
from ..files import curves_table, excluded_table
from ..style import style
from ..text.cautions import cautions, cut_offs_table, maps_table, score_validation
from ..text.differences import differences
from ..text.facts import excluded_ecgs
from ..text.numerals import counted, decimals, sampled
from ..text.quality import quality_table
from ..text.words import (
    auc_label,
    auc_unit,
    axis,
    disturbed,
    heading,
    named,
    outcome_label,
    reading,
    record_words,
    sample_and_strongest,
)
from .gallery import origin
from .ranking_uncertainty import (
    SOURCES,
    RankingUncertainty,
    ladder_figure,
    ladder_rows,
    ladder_table,
)
from .view import View, key_of

# For an article; on the page the template says it, with more room.
CAPTIONS = {
    "curves": "Mean outcome while the places that a method ranks highest (or, least relevant "
    "first, lowest) are disturbed one after the other. Shaded: the steps of the area.",
    "ranking": "Mean area under the curve with its 95 % interval. Hollow grey dots are controls; "
    "the dotted line is the strongest of them.",
    "ranks": "Mean ranks of the methods (Demšar 2006). A grey bar joins methods that cannot be "
    "told apart.",
    "ladder": "Area of each method’s own map minus that of a map that knows less, with its 95 % "
    "interval. Hollow grey marks: the interval holds 0. Mean of others, another patient’s: the "
    "method’s own maps of other {sampled}. Intervals are not corrected over the methods.",
    "twelve-leads": "The first ECG under the map of one method, 25 mm/s and 10 mm/mV.",
    "averaged": "Lead V5 of the first ECG under the mean of |attribution| over the leads, each map "
    "on its own scale.",
}


class Fold(ABC):
    """Folded part of a ranking's section, with a figure and a table over many ECGs.

    A package offers a subclass as an entry point of `ecglens.folds`, whose name is that of its
    files. `caption` is that of the figure for an article.
    """

    title: ClassVar[str]
    caption: ClassVar[str]

    @classmethod
    @abstractmethod
    def of(cls, view: "PerturbationView") -> "Fold | None":
        """The fold of a ranking; None where it does not apply."""

    @property
    @abstractmethod
    def table(self) -> pd.DataFrame:
        """The table that is written beside the page."""

    @abstractmethod
    def drawn(self) -> Figure:
        """The figure, drawn now."""

    @abstractmethod
    def html(self, figure: Markup) -> Markup:
        """What the page shows, with the figure as SVG."""


class PerturbationView(View):
    """The ranking of the methods by one protocol, over one network or several."""

    template: ClassVar[str] = "perturbation.html"
    captions: ClassVar[Mapping[str, str]] = CAPTIONS

    @property
    def title(self) -> str:
        """Target, input and protocol, and what differs."""
        return " · ".join(filter(None, [*heading(self.first), self.differing]))

    @cached_property
    def each(self) -> tuple[Finding, ...]:
        """The finding of each network."""
        return each_network(self.finding)

    @property
    def first(self) -> Finding:
        """The finding of the first network, whose heatmaps are shown."""
        return self.each[0]

    @cached_property
    def ranking(self) -> Ranking:
        """The methods in their order."""
        return rank(self.finding)

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """Cautions about the ranking."""
        return cautions(self.each, self.ranking)

    @property
    def shown_method(self) -> str:
        """Method whose twelve leads are drawn: the best, else that of largest area or a control."""
        methods, names = self.first.curves[0].methods, self.ranking.names
        return self.ranking.best or next((n for n in names if n in methods), names[0])

    @cached_property
    def region(self) -> TargetRegion | None:
        """Where the target is defined; None where nobody says."""
        return prior_region(self.finding.about.target)

    @cached_property
    def uncertainty(self) -> RankingUncertainty:
        return RankingUncertainty(self.finding, self.ranking)

    @cached_property
    def folds(self) -> Mapping[str, Fold]:
        """Folded parts that installed packages add here, by the names of their entry points."""
        every = {name: point.load().of(self) for name, point in registry.offered("folds").items()}
        return {name: fold for name, fold in every.items() if fold is not None}

    @property
    @deprecated("use folds['deletions'].found; deleted works until version 0.3")
    def deleted(self) -> Any:
        """AUROC over deletions; None without ecglens-metrics, and for targets that are no class."""
        return getattr(self.folds.get("deletions"), "found", None)

    def caption(self, figure: str) -> str:
        return self.folds[figure].caption if figure in self.folds else super().caption(figure)

    @cached_property
    def curves(self) -> DrawnCurves:
        """Mean curve of each method, as the figure draws it."""
        return DrawnCurves(
            title=self.title,
            outcome=outcome_label(self.first),
            mean=mean_curves(*self.finding.curves),
            controls=self.first.curves[0].controls,
            until=self.first.curves[0].protocol.until,
            axis=axis(self.first.curves[0].protocol),
        )

    def drawn(self) -> Mapping[str, Figure]:
        figures = {
            "curves": curves_figure([self.curves]),
            "ranking": ranking_figure(self.ranking.table, auc_label(self.first), self.title),
        }
        if self.uncertainty.test and self.uncertainty.tells:
            blocks = sampled(self.first.facts)
            figures["ranks"] = critical_difference_figure(self.uncertainty.test, self.title, blocks)
        ladder = ladder_figure(self.ranking, auc_unit(self.first), self.title)
        if ladder:
            figures["ladder"] = ladder
        figures |= {name: fold.drawn() for name, fold in self.folds.items()}
        gallery = self.first.curves[0].gallery
        if not gallery.records:
            return figures
        x, start, record = gallery.x[0], origin(gallery.segments), gallery.records[0]
        maps = {name: gallery.heatmaps[name][0] for name in self.ranking.names}
        named_ecg = record_words(record, self.first.facts)
        what = f"{heading(self.first)[0]} · {named_ecg} ({reading(self.first, record)})"
        method = self.shown_method
        of_one, of_all = f"{style(method).label} · {what}", f"Mean over the leads, on V5 · {what}"
        figures["twelve-leads"] = twelve_lead_figure(x, maps[method], of_one, gallery.fs, start)
        figures["averaged"] = averaged_figure(x, maps, of_all, gallery.fs, start)
        return figures

    @property
    def worst_method(self) -> str:
        """The method of smallest area; the shown one where there is no other."""
        methods = self.first.curves[0].methods
        return next((n for n in reversed(self.ranking.names) if n in methods), self.shown_method)

    @cached_property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        sure = self.uncertainty
        tables = {
            "ranking": self.ranking.table,
            "order": cut_offs_table(self.ranking),
            "sureness": sure.table,
            "maps": maps_table([each.curves[0] for each in self.each]),
        }
        if "ladder" in self.figures:
            tables["ladder"] = ladder_table(self.ranking)
        more = {"uncertainty": sure.uncertainty, "friedman": sure.friedman, "strata": sure.strata}
        tables |= {name: table for name, table in more.items() if len(table)}
        tables["curves"] = curves_table(self.curves.mean)
        tables |= {name: fold.table for name, fold in self.folds.items()}
        if len(read := quality_table(self.each)):
            tables["quality"] = read
        return tables | {"excluded": excluded_table(excluded_ecgs(self.first))}

    def shown(self) -> dict[str, Any]:
        finding, ranking, figures = self.first, self.ranking, self.figures
        return {
            "key": self.key,
            "title": self.title,
            "sentence": self.sentence,
            "sampled": sampled(finding.facts),
            "sample": sample_and_strongest(self.each, self.ranking),
            "warnings": self.warnings,
            "rows": ranking.table.to_dict("records"),
            "places": decimals(ranking.table["value"]),
            "least_p": ranking.least_p,
            "protocol": (protocol := finding.curves[0].protocol),
            "disturbed": f"{disturbed(protocol)}; drawn {counted(protocol.draws, 'time')}",
            "auc_label": auc_label(finding),
            "auc_unit": auc_unit(finding),
            "validation": score_validation(finding),
            "networks": ranking.networks,
            "sure": self._sureness(),
            "outcome_label": outcome_label(finding),
            "curves": inline_svg(figures["curves"], f"{self.key}-c"),
            "ranking_figure": inline_svg(figures["ranking"], f"{self.key}-r"),
            "ladder": self._ladder(),
            "ladder_figure": self._svg("ladder", "l"),
            "folds": [
                (fold.title, f"{self.key}-{name}", fold.html(self._svg(name, name) or Markup()))
                for name, fold in self.folds.items()
            ],
            "fact_files": self._files("quality", "excluded"),
        }

    def _files(self, *names: str) -> list[str]:
        """The files of those tables that are there, without .csv."""
        return [f"{self.key}-{name}" for name in names if name in self.tables]

    def _svg(self, name: str, mark: str) -> Markup | None:
        """A figure as SVG; None where there is none of this name."""
        figure = self.figures.get(name)
        return inline_svg(figure, f"{self.key}-{mark}") if figure else None

    def _ladder(self) -> dict[str, Any]:
        """The null ladder's table and sentences; empty where there are no rungs."""
        curves = self.first.curves[0]
        rows, protocol = ladder_rows(self.ranking, curves.grains), curves.protocol
        if not rows:
            return {}
        target = self.finding.about.target
        levels = [row | {"level": named(row["level"], target)} for row in rows["rows"]]
        return rows | {
            "rows": levels,
            "target": heading(self.first)[0],
            "title": self.title,
            "places": decimals(self.ranking.table["value"]),
            "what": f"{outcome_label(self.first)}, 0–{protocol.until} {protocol.unit}s",
            "draws": min(protocol.ladder, protocol.draws),
            "all": protocol.draws,
        }

    def _sureness(self) -> dict[str, Any]:
        """Effects, spread and ranks; the figure where ranks differ beyond chance."""
        sure = self.uncertainty
        return {
            "sentences": sure.sentences,
            "figure": self._svg("ranks", "k"),
            "ranked": sure.test is not None,
            "files": self._files("sureness", "uncertainty", "friedman", "strata"),
            "best": self.ranking.best,
            "margin": MARGIN,
            "level": LEVEL,
            "sources": [SOURCES[name][0] for name in sure.sources],
            "rows": sure.rows,
        }


def perturbation_views(findings: Sequence[Finding]) -> list[PerturbationView]:
    """A view for each ranking, in the order in which the first findings came."""
    found: list[PerturbationView] = []
    rankings = grouped(findings)
    for finding, differing in zip(rankings, differences(rankings), strict=True):
        key = key_of(finding, f"{finding.curves[0].protocol.name} {differing}", found)
        found.append(PerturbationView(key, finding, differing))
    return found
