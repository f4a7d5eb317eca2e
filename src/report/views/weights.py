"""The view of redrawn weights and permuted labels: what a map keeps."""

from collections.abc import Mapping
from typing import Any, ClassVar

from matplotlib.figure import Figure

from ..figures.cascade import cascade_figure
from ..figures.kept import GATES, kept_figure
from .agreement import AgreementView
from .view import any_number


class WeightsView(AgreementView):
    """What the gates judge, and how the maps change from layer to layer."""

    captions: ClassVar[Mapping[str, str]] = {
        "kept": "What the gates judge: ρ of a map with the same ECG's map from a network without "
        "the learned weights, given |x|; of four parts (single samples or sums over 40 ms, whole "
        "or with the mean map removed) the one that decides, with its 95 % interval over redraws "
        "and patients (labels permuted: over patients). Significantly in the shaded range fails, "
        "significantly below it passes; hollow marks are controls.",
        "cascade": "Mean ρ beyond |x| of absolute heatmaps by sample with those of the original "
        "network, the first of the four parts that the gate judges once all groups are redrawn "
        "(last point of the upper panel, here for one redraw). Shaded: at or above the limit.",
    }

    def drawn(self) -> Mapping[str, Figure]:
        """What each map keeps, and its course through the layers; nothing where none has a ρ."""
        table, stages = self.finding.table, self.finding.details.get("stages")
        figures = {}
        if any_number(table[[f"{gate}_kept" for gate in GATES]]):
            figures["kept"] = kept_figure(table, self.title)
        if stages is not None and any_number(stages["kept"]):
            figures["cascade"] = cascade_figure(stages, self.of, float(table["limit"].iloc[0]))
        return figures

    def shown(self) -> dict[str, Any]:
        """What the template needs."""
        return super().shown() | {"kept": True, "gates": GATES}
