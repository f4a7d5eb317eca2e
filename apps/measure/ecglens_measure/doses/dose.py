"""One ECG before and after a dose, and the reason why it cannot be given one."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from ecglens.ecg import FS_HZ, Segments
from jaxtyping import Float, Int

MS = 1e3 / FS_HZ  # per sample


class Unchangeable(Exception):  # noqa: N818 - a finding about an ECG, no fault of the program
    """This ECG cannot be changed in this way; the message is the reason in a few words."""


@dataclass(frozen=True, eq=False)
class Ecg:
    """One ECG that is changed: eight leads (µV), marks of its beat, RR and R peaks in samples."""

    eight: Float[np.ndarray, "8 time"]
    marks: Segments
    rr: float
    peaks: Int[np.ndarray, " peak"]
    name: str
    labels: Mapping[str, float]
    strip: bool


@dataclass(frozen=True, eq=False)
class Edit:
    """A changed ECG: eight leads, and where each sample comes from (None: from its own place).

    `size` is the dose in its unit where no label tells it (None: that of the dose's label, or the
    size that was asked for), `peaks` are the R peaks where they moved.
    """

    eight: Float[np.ndarray, "8 time"]
    tau: Float[np.ndarray, " time"] | None = None
    size: float | None = None
    peaks: Int[np.ndarray, " peak"] | None = None
