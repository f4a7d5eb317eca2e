"""Do the maps lie where the target is decided? The evaluation with its settings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from ....ecg import FS_HZ
from ...evaluation import Evaluation
from ...finding import Finding
from ...heatmaps.beat_window import MOMENTS
from ...heatmaps.explained import Heatmaps, explained, left_out, linter_notes
from ...measures.per_ecg import PerEcg, by_measure, stacked
from ...networks import Networks
from ...subject import Subject
from .located import Located
from .measures import MEASURES
from .region import Mask, TargetRegion

QUESTIONS: Mapping[Mask, str] = {
    "both": "Do the maps lie where a cardiologist decides the target?",
    "edge": "Do the maps lie around the edges that decide the target?",
    "wave": "Do the maps lie in the waves that decide the target?",
}
SOURCE = (
    "Zhang 2018, Arras 2022, Suh 2022, Ismail 2020, Wagner 2024; the regions of our targets and "
    "the order of ties are our own definition"
)
PLAUSIBILITY = (
    "plausibility, not faithfulness: a network may rightly look elsewhere, and a map that lies "
    "here need not say what the network uses"
)
OF_SIGNS, OF_SIZES = "each measure with the sign of its paper", "each measure of |map|"


@dataclass(frozen=True)
class Localisation(Evaluation):
    """The maps of every network against the region of its target (TargetRegion).

    `sign` published takes each measure with the sign of its paper, where negative relevance lies
    nowhere; absolute takes |map| for all. Uses every network.
    """

    mask: Mask = "both"
    edges: Sequence[str] = ()
    waves: Sequence[str] = ()
    lead: str | None = None
    sign: Literal["published", "absolute"] = "published"

    source = SOURCE

    @property
    def name(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """One name for each mask."""
        return f"localisation_{self.mask}"

    @property
    def question(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """One question for each mask."""
        return QUESTIONS[self.mask]

    def check(self, subject: Callable[[], Subject]) -> None:
        """NotApplicable for a target without places, whatever the ECGs."""
        _ = self._region

    @property
    def _region(self) -> TargetRegion:
        return TargetRegion(self.mask, self.edges, self.waves, self.lead)

    def measure(self, networks: Networks, subject: Subject) -> Finding:
        """The numbers of every ECG; NotApplicable for a target without places."""
        located, nets = Located(self._region, subject.ecgs.segments.cpu().numpy()), networks.nets
        linted = linter_notes({f"network {k}": net for k, net in enumerate(nets)}, subject)
        found = [explained(net, subject, self.name) for net in nets]
        scores = stacked([self._of_network(one.maps, located) for one in found])
        measures = tuple(replace(MEASURES[name], chance=located.chances[name]) for name in scores)
        return Finding(
            self.about(networks, subject),
            measures=measures,
            scores=scores,
            sentence=_nowhere(located),
            notes=(PLAUSIBILITY, *self._notes(located), *linted, *left_out(*found)),
            details={"profiles": _profiles(located, found[0].maps)},
        )

    def _of_network(self, maps: Heatmaps, located: Located) -> PerEcg:
        seen = np.abs if self.sign == "absolute" else np.asarray
        return by_measure({name: located.scores(seen(each)) for name, each in maps.items()})

    def _notes(self, located: Located) -> tuple[str, ...]:
        there = located.points[located.points.any(1)]
        signs = OF_SIGNS if self.sign == "published" else OF_SIZES
        region = f"the region: {located.region.words}"
        if len(there):
            region += f", {100 * there.mean():.1f}\u00a0% of the points"
        without = len(located.points) - len(there)
        about = (region, signs)
        return (*about, f"{without} ECGs have no such region and no number") if without else about


def _nowhere(located: Located) -> str:
    """That no ECG has the region; empty where one has: the table has the answer."""
    if located.points.any():
        return ""
    return f"None of {len(located.points)} ECGs has {located.region.words}."


def _profiles(located: Located, maps: Heatmaps) -> pd.DataFrame:
    """Mean temporal profile over the ECGs by method and ms from the R peak, first network."""
    ms = MOMENTS / FS_HZ * 1e3
    rows = []
    for method, each in maps.items():
        profiles = located.profiles(each)
        whole = np.isfinite(profiles).all(1)
        mean = profiles[whole].mean(0) if whole.any() else np.full(len(ms), np.nan)
        rows.append(pd.DataFrame({"method": method, "ms": ms, "profile": mean}))
    return pd.concat(rows, ignore_index=True)
