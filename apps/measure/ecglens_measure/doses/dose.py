"""A dose: a named change of ECGs with its unit, and the reason why an ECG cannot be given it."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Literal

import numpy as np
from ecglens.ecg import FS_HZ, Segments
from jaxtyping import Float, Int

MS = 1e3 / FS_HZ  # per sample


class Unchangeable(Exception):  # noqa: N818 - a finding about an ECG, no fault of the program
    """This ECG cannot be changed in this way; the message is the reason in a few words."""


@dataclass(frozen=True)
class Dose:
    """A named change of ECGs; `how` is part of what the name means.

    `sizes` are the usual ones in `unit`, without zero. `label` is the measurement that the change
    is meant to move (None: none of the seven), `holds` are those that it must leave alone. `waves`
    are those that an ECG must have. Recordings take sizes up to `on_recordings` (0: only exact ECGs
    can be given this dose).
    """

    name: str
    unit: str
    sizes: tuple[float, ...]
    how: str
    label: str | None
    holds: tuple[str, ...]
    kind: Literal["time", "height", "disturbance", "fault"]
    waves: tuple[str, ...] = ()
    on_recordings: float = inf


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

    `size` is the dose in its unit if it is true by construction (None: to be measured), `peaks` are
    the R peaks where they moved.
    """

    eight: Float[np.ndarray, "8 time"]
    tau: Float[np.ndarray, " time"] | None = None
    size: float | None = None
    peaks: Int[np.ndarray, " peak"] | None = None
