"""A target: the QT interval corrected for heart rate."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from ecglens.datamodules import Prepared
from jaxtyping import Float


@dataclass(frozen=True)
class CorrectedQT:
    """QT / RR^exponent in ms, with RR in s (Bazett 1920: 1/2; Fridericia 1920: 1/3)."""

    exponent: float = 1 / 3
    version: ClassVar[int] = 1  # raise it when the labels change

    def __call__(self, prepared: Prepared) -> Float[np.ndarray, " row"]:
        """One label per ECG, NaN where QT or the heart rate is unknown."""
        rr_s = 60.0 / prepared.table["rate"].to_numpy(float)
        return prepared.table["qt"].to_numpy(float) / rr_s**self.exponent
