"""The numbers of one method's maps on the ECGs of an evaluation."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float, Int8

from ....ecg import LEADS, R_PEAK
from ...heatmaps.beat_window import windows
from .chance import chance_of, temporal_chance
from .measures import MEASURES, against
from .order import PerEcg, Region, where_there_is_one
from .region import TargetRegion
from .specificity import spatial_specificity, temporal_profile, temporal_specificity

Maps = Float[np.ndarray, "ecg lead time"]


@dataclass(frozen=True)
class Located:
    """Region of the maps of these ECGs; `segments` has a bit per wave (ecg.waves)."""

    region: TargetRegion
    segments: Int8[np.ndarray, "ecg time"]

    def scores(self, maps: Maps) -> dict[str, PerEcg]:
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

    def profiles(self, maps: Maps) -> Float[np.ndarray, "ecg moment"]:
        """The temporal profile of each ECG."""
        each = zip(maps, self.r_peaks, strict=True)
        return np.stack([temporal_profile(heatmap, peaks) for heatmap, peaks in each])

    @cached_property
    def chances(self) -> dict[str, float | None]:
        """Scores of a map without any knowledge on these ECGs, where they are known."""
        return {
            **{name: chance_of(name, self.points) for name in MEASURES},
            "spatial_specificity": len(LEADS) ** -0.5,
            "temporal_specificity": temporal_chance(self.moments),
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
