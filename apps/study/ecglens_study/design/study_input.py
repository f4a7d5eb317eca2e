"""Study input: the ECGs of one target and every method's heatmaps of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from ecglens.datamodules import Target
from jaxtyping import Float, Int8


@dataclass(frozen=True, eq=False)
class StudyInput:
    """ECGs of one target with labels, predictions and heatmaps.

    `ecgs` are pseudonyms, `x` is in µV, `segments` has a bit per wave (ecg.BIT). `y` is the label
    (NaN if unknown) and `prediction` the network's output, in the target's unit. `origin` is the
    sample of the R peak in a median beat, 0 in a strip. `heatmaps` are those of the methods,
    `controls` those of random, abs_x and abs_dx, all with their signs.
    Raises ValueError unless all fields describe the same ECGs.
    """

    target: Target
    ecgs: tuple[str, ...]
    x: Float[np.ndarray, "ecg 12 time"]
    segments: Int8[np.ndarray, "ecg time"]
    y: Float[np.ndarray, " ecg"]
    prediction: Float[np.ndarray, " ecg"]
    heatmaps: Mapping[str, Float[np.ndarray, "ecg 12 time"]]
    controls: Mapping[str, Float[np.ndarray, "ecg 12 time"]]
    fs: float
    origin: int

    def __post_init__(self) -> None:
        if len({*self.ecgs}) < len(self.ecgs):
            raise ValueError("expected each ECG once")
        if not self.heatmaps:
            raise ValueError("expected heatmaps of at least one method, got none")
        shape = self.x.shape
        for name, heatmap in {**self.heatmaps, **self.controls}.items():
            if heatmap.shape != shape:
                raise ValueError(f"expected maps of shape {shape}, got {heatmap.shape} of {name}")
        for name in ("ecgs", "segments", "y", "prediction"):
            if len(getattr(self, name)) != len(self.x):
                raise ValueError(
                    f"expected {name} of {len(self.x)} ECGs, got {len(getattr(self, name))}"
                )
