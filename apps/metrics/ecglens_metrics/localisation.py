"""Localisation: measures, scores by chance, and the evaluation. All are of plausibility.

Scores by chance are in closed form, over all orders of a map's values. AUR and AUPR have none:
they depend on how the values are spread.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from ecglens.ecg import FS_HZ, LEADS, R_PEAK
from ecglens.eval import (
    OF_SIZES,
    Evaluation,
    Finding,
    Mask,
    Measure,
    Networks,
    PerEcg,
    Subject,
    TargetRegion,
    by_measure,
    explained,
    left_out,
    linter_notes,
    stacked,
)
from ecglens.eval.heatmaps import MOMENTS, Heatmaps, windows
from ecglens.store import check_types
from jaxtyping import Bool, Float, Int8

from .localisation_scores import (
    Maps,
    Region,
    Scores,
    pointing_game,
    relevance_mass,
    relevance_rank,
    share_of,
    spatial_specificity,
    temporal_profile,
    temporal_specificity,
    top_iou,
    weighted_areas,
    where_there_is_one,
)

RANK, MASS = "relevance rank accuracy", "relevance mass accuracy"


def _measure(name: str, label: str, source: str, explained: str) -> Measure:
    return Measure(name, label, "", True, "plausibility", source, explained)


MEASURES: Mapping[str, Measure] = {
    each.name: each
    for each in (
        _measure(
            "pointing_game", "Pointing game", "Zhang et al. 2018, section 4.1",
            "Share of the ECGs whose largest relevance lies in the region.",
        ),
        _measure(
            "relevance_rank", "Relevance rank", f"Arras et al. 2022, {RANK}",
            "Of a region of N points, the share that is among the map's N largest.",
        ),
        _measure(
            "top_iou", "Top-N IoU", "Suh et al. 2022, localization score",
            "What a region of N points and the map's N largest share, of what either has.",
        ),
        _measure(
            "relevance_mass", "Relevance mass", f"Arras et al. 2022, {MASS}",
            "Share of the positive relevance that lies in the region.",
        ),
        _measure(
            "aup", "AUP", "Ismail et al. 2020, section 4.2; divided by 0.8",
            "How much of the strongest relevance lies in the region, over what counts as strong.",
        ),
        _measure(
            "aur", "AUR", "Ismail et al. 2020, section 4.2; divided by 0.8",
            "How much of the region's relevance is strong; a level map of the region gets 0.5.",
        ),
        _measure(
            "aupr", "AUPR", "Ismail et al. 2020, section 4.2; divided by 0.8",
            "Area under that precision against that recall.",
        ),
        _measure(
            "spatial_specificity", "Spatial specificity", "Wagner et al. 2024",
            "Share of the map's strength (L2) in the lead in which the target is measured.",
        ),
        _measure(
            "temporal_specificity", "Temporal specificity", "after Wagner et al. 2024; own number",
            "Share of the strength (L2) of the mean beat's profile that lies in the region's time.",
        ),
    )
}  # fmt: skip

SINGLE: Mapping[str, Callable[[Maps, Region], Scores]] = {
    "pointing_game": pointing_game,
    "relevance_rank": relevance_rank,
    "top_iou": top_iou,
    "relevance_mass": relevance_mass,
}


def against(maps: Maps, region: Region) -> dict[str, Scores]:
    """Every measure of a map against a region; NaN for an ECG without one."""
    each = {name: measure(maps, region) for name, measure in SINGLE.items()}
    return each | weighted_areas(maps, region)._asdict()


CHANCES: Mapping[str, Callable[[Region], Scores]] = {
    "pointing_game": share_of,
    # The mean over all orders: that of a map whose points are equal.
    "top_iou": lambda region: top_iou(np.zeros(region.shape, np.float32), region),
    "relevance_rank": share_of,
    "relevance_mass": share_of,
    "aup": share_of,
}


LeadMaps = Float[np.ndarray, "ecg lead time"]


@dataclass(frozen=True)
class Located:
    """Region of the maps of these ECGs; `segments` has a bit per wave (ecg.waves)."""

    region: TargetRegion
    segments: Int8[np.ndarray, "ecg time"]

    def scores(self, maps: LeadMaps) -> dict[str, Scores]:
        """Score of each ECG by measure; NaN for one without the region."""
        found = against(maps.reshape(len(maps), -1), self.points)
        if self.region.lead:
            lead = LEADS.index(self.region.lead)
            # The lead is there in every ECG, the waves for which it counts are not.
            spatial = spatial_specificity(maps, lead)
            found["spatial_specificity"] = where_there_is_one(spatial, self.points)
        pairs = zip(self.profiles(maps), self.moments, strict=True)
        found["temporal_specificity"] = np.array([temporal_specificity(*pair) for pair in pairs])
        return found

    def profiles(self, maps: LeadMaps) -> Float[np.ndarray, "ecg moment"]:
        """The temporal profile of each ECG."""
        each = zip(maps, self.r_peaks, strict=True)
        return np.stack([temporal_profile(heatmap, peaks) for heatmap, peaks in each])

    @cached_property
    def chances(self) -> dict[str, float | None]:
        """Scores of a map without any knowledge on these ECGs, where they are known."""

        def mean(chance: Callable[[Region], Scores], region: Region) -> float | None:
            there = region[region.any(1)]
            return float(chance(there).mean()) if len(there) else None

        return {
            **dict.fromkeys(MEASURES),
            **{name: mean(chance, self.points) for name, chance in CHANCES.items()},
            "spatial_specificity": len(LEADS) ** -0.5,
            # Of a level profile: the root of the region's share of the moments.
            "temporal_specificity": mean(lambda there: np.sqrt(there.mean(1)), self.moments),
        }

    @cached_property
    def points(self) -> Region:
        """The region, lead after lead."""
        return self.region.points(self.segments).reshape(len(self.segments), -1)

    @cached_property
    def moments(self) -> Bool[np.ndarray, "ecg moment"]:
        """The region's times around the R peaks of the beats that are whole."""
        each = zip(self.region.times(self.segments), self.r_peaks, strict=True)
        return np.stack([windows(times, peaks).any(0) for times, peaks in each])

    @cached_property
    def r_peaks(self) -> list[list[int]]:
        """The samples of the R peaks of each ECG."""
        return [np.flatnonzero(one & R_PEAK).tolist() for one in self.segments]


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
OF_SIGNS = "each measure with the sign of its paper"


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

    def __post_init__(self) -> None:
        chosen = {"mask": self.mask, "sign": self.sign}
        check_types(Localisation, chosen, "localisation")

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
        located = Located(self._region, subject.ecgs.segments.cpu().numpy())
        linted = linter_notes(networks.by_name, subject)
        found = [explained(net, subject, self.name) for net in networks.nets]
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
    """Sentence that no ECG has the region; empty where one has: the table has the answer."""
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
