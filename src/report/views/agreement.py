"""The views of agreement: ρ of heatmaps beside its baselines."""

from collections.abc import Mapping
from typing import Any, ClassVar

from matplotlib.figure import Figure

from ...eval.evaluations.sanity import headline
from ..figures.estimates import estimates_figure
from ..figures.matrix import matrix_figure
from .view import View, any_number

VERDICTS = {
    "weights_verdict": "Weights redrawn",
    "permuted_verdict": "Permuted labels",
    "verdict": "Verdict",
}


class AgreementView(View):
    """ρ of heatmaps by method beside its baselines."""

    template: ClassVar[str] = "agreement.html"
    captions: ClassVar[Mapping[str, str]] = {
        "estimates": "Mean ρ of absolute heatmaps over ECGs with its 95 % interval over patients; "
        "hollow dots are controls. The grey marks are the baselines: a ρ that is no higher than "
        "the maps of two different ECGs have in common (upright bar) was not shown to be about "
        "this ECG.",
    }

    def drawn(self) -> Mapping[str, Figure]:
        """ρ of every method; nothing where no ECG has one."""
        table = self.finding.table
        if not any_number(table["value"]):
            return {}
        return {"estimates": estimates_figure(table, self.title)}

    def shown(self) -> dict[str, Any]:
        """What the template needs."""
        table = self.finding.table
        return super().shown() | {
            "rows": table.to_dict("records"),
            "verdicts": [column for column in VERDICTS if column in table],
            "verdict_names": VERDICTS,
            "outputs": "output_r" in table,
            "kept": False,
        }


class ConsistencyView(AgreementView):
    """Agreement of retrained networks."""


class SimilarityView(AgreementView):
    """Agreement of the methods, with the matrix of every two."""

    captions: ClassVar[Mapping[str, str]] = {
        **AgreementView.captions,
        "matrix": "Above the diagonal: mean ρ of two methods' absolute heatmaps of one ECG. Below "
        "it: the baseline, ρ of their maps of two different ECGs. Like methods stand together.",
    }

    def drawn(self) -> Mapping[str, Figure]:
        """ρ of every method, and of every two."""
        details = self.finding.details
        pairs = headline(details["pairs"])
        if not any_number(pairs["value"]):
            return super().drawn()
        return {**super().drawn(), "matrix": matrix_figure(pairs, details["order"], self.of)}
