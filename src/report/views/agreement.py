"""Views of agreement, ρ of heatmaps beside its baselines, and of redrawn weights."""

from collections.abc import Mapping
from typing import Any, ClassVar

from matplotlib.figure import Figure

from ...eval import MOST_KEPT
from ..figures.curves import cascade_figure
from ..figures.intervals import estimates_figure, gates_of, kept_figure
from ..text.words import RULES
from .view import View, any_number

VERDICTS = {
    "redrawn_verdict": "Weights redrawn",
    "moved_verdict": "Input moved",
    "labels_verdict": "Permuted labels",
    "verdict": "Verdict",
}


class AgreementView(View):
    """ρ of heatmaps by method beside its baselines."""

    template: ClassVar[str] = "agreement.html"
    captions: ClassVar[Mapping[str, str]] = {
        "estimates": "Mean ρ of absolute heatmaps over ECGs with its 95 % interval over {sampled}; "
        "hollow dots are controls. The grey marks are the baselines: a ρ that is no higher than "
        "the maps of two different ECGs have in common (upright bar) shows no more than a "
        "template."
    }

    def drawn(self) -> Mapping[str, Figure]:
        """ρ of every method; nothing where no ECG has one."""
        table = self.finding.table
        if not any_number(table["value"]):
            return {}
        return {"estimates": estimates_figure(table, self.title)}

    def shown(self) -> dict[str, Any]:
        table = self.finding.table
        return super().shown() | {
            "rows": table.to_dict("records"),
            "verdicts": {name: head for name, head in VERDICTS.items() if name in table},
            "outputs": "output_r" in table,
            "kept": False,
            "rho": "other_ecg" in table,
        }


class WeightsView(AgreementView):
    """Score that the gates judge, and how the maps change from layer to layer."""

    captions: ClassVar[Mapping[str, str]] = {
        "kept": "What the gates judge: the area on this network along the maps of networks without "
        "what it learned, or of itself behind a moved input, as a share of that along its own maps "
        "(both less the area of random numbers), by the protocol that decides, with its 95 % "
        "interval over these networks and {sampled} (labels permuted: over {sampled}). "
        "Significantly left of the shaded range passes; hollow marks are controls.",
        "cascade": "Mean ρ beyond |x| of absolute heatmaps by sample with those of the original "
        "network, from the output to the input. It describes; no gate judges it.",
    }

    def drawn(self) -> Mapping[str, Figure]:
        """Score that twins keep, and ρ through the layers; nothing where none has a number."""
        table, stages = self.finding.table, self.finding.details.get("stages")
        figures = {}
        if any_number(table[[f"{gate}_kept" for gate in gates_of(table)]]):
            figures["kept"] = kept_figure(table, self.title)
        if stages is not None and "beyond_x" in stages and any_number(stages["beyond_x"]):
            figures["cascade"] = cascade_figure(stages, self.of)
        return figures

    def shown(self) -> dict[str, Any]:
        shown, gates = super().shown(), gates_of(self.finding.table)
        for row in shown["rows"]:
            row |= {f"{gate}_why": RULES.get(why := row[f"{gate}_why"], why) for gate in gates}
        return shown | {"kept": True, "gates": gates, "most": MOST_KEPT}
