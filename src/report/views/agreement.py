"""A section of the report: what one sanity experiment found, in words, tables and figures."""

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from matplotlib.figure import Figure

from ...eval.evaluations.sanity import Finding
from ...eval.evaluations.sanity.rows import headline
from ..figures.cascade import cascade_figure
from ..figures.estimates import estimates_figure
from ..figures.kept import GATES, kept_figure
from ..figures.matrix import matrix_figure
from .view import AnswerSection

TITLES = {
    "similarity": "Do the methods agree with each other?",
    "consistency": "Do the maps of retrained networks agree?",
    "weights": "Does the map depend on what the network has learned?",
}
CAPTIONS = {
    "estimates": "Mean ρ of absolute heatmaps over ECGs with its 95 % interval over patients; "
    "hollow dots are controls. The grey marks are the floors: a ρ that is no higher than the maps "
    "of two different ECGs have in common (upright bar) was not shown to be about this ECG.",
    "kept": "What the gates judge: ρ of a map with the same ECG's map from a network without the "
    "learned weights, given |x|; of four parts (single samples or sums over 40 ms, whole or with "
    "the mean map removed) the one that decides, with its 95 % interval over redraws and patients "
    "(labels permuted: over patients). Surely in the shaded range fails, surely below it passes; "
    "hollow marks are controls.",
    "matrix": "Above the diagonal: mean ρ of two methods' absolute heatmaps of one ECG. Below it: "
    "the floor, ρ of their maps of two different ECGs. Like methods stand together.",
    "cascade": "Mean ρ beyond |x| of absolute heatmaps by sample with those of the original "
    "network, the first of the four parts that the gate judges once all groups are redrawn (last "
    "point of the upper panel, here for one redraw). Shaded: at or above the limit.",
}
VERDICTS = {
    "weights_verdict": "Weights redrawn",
    "permuted_verdict": "Permuted labels",
    "verdict": "Verdict",
}


class FindingSection(AnswerSection):
    """A finding: ρ of heatmaps beside its floors."""

    titles: ClassVar[Mapping[str, str]] = TITLES
    template: ClassVar[str] = "finding.html"
    captions: ClassVar[Mapping[str, str]] = CAPTIONS

    @property
    def finding(self) -> Finding:
        """What was found."""
        return cast(Finding, self.answer.finding)

    def drawn(self) -> Mapping[str, Figure]:
        """Every figure by the name of its file."""
        finding, title = self.finding, self.title
        details = finding.details
        if "kept" in details:  # a finding of an earlier version has none
            limit = float(finding.table["limit"].iloc[0])
            figures = {
                "kept": kept_figure(finding.table, title),
                "cascade": cascade_figure(details["stages"], self.of, limit),
            }
        else:
            figures = {"estimates": estimates_figure(finding.table, title)}
        if "pairs" in details:
            pairs = headline(details["pairs"])
            figures["matrix"] = matrix_figure(pairs, details["order"], self.of)
        return figures

    def shown(self) -> dict[str, Any]:
        """What the template needs."""
        finding = self.finding
        return super().shown() | {
            "rows": finding.table.to_dict("records"),
            "verdicts": [column for column in VERDICTS if column in finding.table],
            "verdict_names": VERDICTS,
            "outputs": "output_r" in finding.table,
            "above_floor": {"missing", "difference"} <= {*finding.table},
            "kept": "kept" in finding.details,
            "gates": GATES,
        }
