"""Perturbation curves of one network, with the ECGs and heatmaps that figures show."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float, Int8, Int64, Shaped

from ..ecg import FS_HZ
from .protocol import Protocol
from .shown_steps import ShownSteps

ORACLE = "oracle"  # name among Curves.references


@dataclass(frozen=True, eq=False)
class Gallery:
    """A few ECGs (µV, mask of waves, rate) with every method's stored heatmap of them.

    `steps` are what the steps of the curves change in them, None where that was not kept.
    """

    records: tuple[str, ...]
    x: Float[np.ndarray, "ecg lead time"]
    segments: Int8[np.ndarray, "ecg time"]
    heatmaps: Mapping[str, Float[np.ndarray, "ecg lead time"]]
    fs: float = FS_HZ
    steps: ShownSteps | None = None


@dataclass(frozen=True, eq=False)
class Curves:
    """The predictions along every curve, per ECG and draw, so that no cut-off needs a second run.

    `predictions[name]` has index 0 for the clean input. `left_out` gives a reason per method that
    would be wrong on this network; `zero_share` the share of points that are exactly 0, and
    `short` the number of ECGs whose map has fewer non-zero points than the curve has steps: they
    stay in, and the rest of their steps are random; `nonzero` has the points of each ECG's map that
    are not 0. `notes` are what a reader should know before.
    `patients` are those of the records, left out where each record is of another patient.
    `references` are further curves to compare with: the ORACLE's, of the first ECGs only, and the
    rungs of the null ladder (eval.rungs), up to the protocol's `until` and of its first draws.
    `grains` are the resolutions of the maps. `places` are what each step hit: a lead and a part of
    the beat, with one number in all ECGs (perturbation.places).
    Raises ValueError when there are not as many patients as records.
    """

    protocol: Protocol
    seed: int
    records: tuple[str, ...]
    y: Float[np.ndarray, " ecg"]  # the true value in the target's unit; NaN where unknown
    predictions: Mapping[str, Float[np.ndarray, "draw ecg point"]]
    controls: tuple[str, ...]
    left_out: Mapping[str, str]
    zero_share: Mapping[str, float]
    gallery: Gallery
    short: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    patients: tuple[str, ...] = ()
    references: Mapping[str, Float[np.ndarray, "_ _ _"]] = field(default_factory=dict)
    places: Mapping[str, Int64[np.ndarray, "ecg step"]] = field(default_factory=dict)
    grains: Mapping[str, str] = field(default_factory=dict)
    nonzero: Mapping[str, Shaped[np.ndarray, " ecg"]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        patients = self.patients or self.records
        if len(patients) != len(self.records):
            raise ValueError(
                f"expected a patient for each of {len(self.records)} records, got {len(patients)}"
            )
        object.__setattr__(self, "patients", patients)

    @property
    def methods(self) -> tuple[str, ...]:
        """The names of the scored methods, without the controls."""
        return tuple(name for name in self.predictions if name not in self.controls)
