"""Parameters of an exact ECG, and the true labels and marks that follow from them."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from math import nan

import numpy as np
from jaxtyping import Bool, Float, Int

from ..leads import INDEPENDENT
from ..record import FS_HZ
from ..waves import R_INDEX, Segments
from .kinds import KINDS, PARTS

MS = 1e3 / FS_HZ  # per sample
# Purposes of random numbers. Each has its own stream in every ECG, so that switching one quantity
# on changes no other.
BEAT, NOISE, RHYTHM, KIND, PATTERN, MORPHOLOGY, RECORDING, ATRIA, SHORTCUT = range(9)


def stream(seed: int, index: int, purpose: int) -> np.random.Generator:
    """Random generator of one ECG and purpose, independent of all others."""
    return np.random.Generator(np.random.Philox(key=[seed, index], counter=[0, 0, 0, purpose]))


@dataclass(frozen=True, eq=False)
class ExactParameters:
    """Parameters of an exact ECG; positions are samples from the R peak.

    `waves` has onset, peak and offset of each wave, beginning with P, Q, R, S, ST and T; `parts`
    is the part of the beat that each belongs to, `field` its amplitude in the eight independent
    leads in µV. `rr_samples` is the distance of the R peaks; `known` has further labels, such as
    the axis.
    """

    seed: int
    index: int
    waves: Int[np.ndarray, "wave 3"]
    field: Float[np.ndarray, "wave 8"]
    rr_samples: float
    kind: str = "sinus"
    parts: tuple[str, ...] = PARTS
    known: Mapping[str, float] = dataclasses.field(default_factory=dict)

    @property
    def conducted(self) -> bool:
        """Whether a P wave leads each QRS complex."""
        return KINDS[self.kind].atria == "leading"

    @property
    def irregular(self) -> bool:
        """Whether RR is irregular by the kind itself."""
        return KINDS[self.kind].atria == "fibrillating"

    @property
    def beating(self) -> Bool[np.ndarray, " wave"]:
        """Which waves repeat with each R peak."""
        return np.array([part != "P" or self.conducted for part in self.parts])

    @property
    def labels(self) -> dict[str, float]:
        """PR, QRS, QT in ms, R, J, T in µV in lead V5, rate in 1/min; NaN for an absent one."""
        v5 = self.field[:, INDEPENDENT.index("V5")]
        marks = self.marks
        return {
            "pr": (marks.qrs_on - marks.p_on) * MS,
            "qrs": (marks.qrs_off - marks.qrs_on) * MS,
            "qt": (marks.t_off - marks.qrs_on) * MS,
            "r": float(v5[2]),
            "j": float(v5[4]),
            "t": float(v5[5]),
            "rate": 6e4 / (self.rr_samples * MS),
            **self.known,
        }

    @property
    def marks(self) -> Segments:
        """Fiducial points in samples of the beat (R peak at 250)."""
        p_on, p_off = self._ends("P") if self.conducted else (nan, nan)
        qrs_on, qrs_off = self._ends("QRS")
        t_on, t_off = self._ends("T")
        return Segments(p_on, p_off, qrs_on, qrs_off, t_on, t_off)

    def _ends(self, wave: str) -> tuple[float, float]:
        """First onset and last offset of a wave; Q, R and S are parts of QRS."""
        rows = [row for row, part in enumerate(self.parts) if part in wave]
        on, off = self.waves[rows, 0].min(), self.waves[rows, 2].max()
        return float(on + R_INDEX), float(off + R_INDEX)
