"""Kinds of exact ECG, and the parameters that describe one ECG.

The patterns are those of the textbook criteria: bundle branch block and AV block after Surawicz et
al. 2009 (AHA/ACCF/HRS part III) and Kligfield et al. 2007 (part I), ventricular hypertrophy after
Sokolow and Lyon 1949 (S in V1 + R in V5 of at least 3.5 mV), infarcts by their contiguous leads
(Thygesen et al. 2018). The sizes of the deflections are our own choice.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import nan
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Int

from ..record import INDEPENDENT
from ..waves import FS_HZ, R_INDEX, Segments

# The independent leads I, II, V1…V6.
Pattern = tuple[float, float, float, float, float, float, float, float]
Span = tuple[int, int]

# First rows of the field; added waves follow them.
PARTS = ("P", "Q", "R", "S", "ST", "T")
# Size of the waves in I, II, V1…V6 relative to lead V5 (P: to lead II), from ordinary 12-lead ECGs.
# They vary by 25 % between ECGs, except in the lead in which the amplitude is a label.
FIELD: Mapping[str, Pattern] = {
    "P": (0.55, 1.00, 0.35, 0.45, 0.45, 0.45, 0.40, 0.40),
    "Q": (0.60, 0.40, -1.2, -1.5, -0.6, 0.30, 1.00, 1.00),  # the septum, towards V1
    "R": (0.45, 0.70, 0.15, 0.35, 0.60, 1.00, 1.00, 0.80),
    "S": (0.30, 0.50, 2.50, 3.50, 2.20, 1.40, 1.00, 0.60),
    "ST": (0.50, 0.70, -0.5, 0.40, 0.80, 1.00, 1.00, 0.80),
    "T": (0.50, 0.60, -0.2, 0.90, 1.30, 1.30, 1.00, 0.70),
}


# Range for a Q wave of at least 30 ms before R (Thygesen et al. 2018).
Q_QRS_MS: Span = (110, 135)


@dataclass(frozen=True)
class Extra:
    """An added wave: early (from QRS onset to the R peak), late (after it) or in the ST segment.

    Its size is drawn from the range `size`, in µV or as a share of R in V5; `pattern` is its size
    in each lead. In V5 it must not rise above R, nor change J: those are labels.
    """

    place: Literal["early", "late", "st"]
    size: tuple[float, float]
    unit: Literal["µV", "R"]
    pattern: Pattern


@dataclass(frozen=True)
class Kind:
    """Ranges of the random quantities, rows of the field that differ, and added waves.

    Intervals in ms, amplitudes in V5 in µV, rate in 1/min. PR + QT at its upper end is shorter than
    RR, so that no beat overlaps the next. `atria`: P leads each QRS, fibrillates, or beats at its
    own rate. `diagnosis` is the label of the kind.
    """

    diagnosis: str
    pr_ms: Span = (130, 200)
    qrs_ms: Span = (80, 130)
    qt_ms: Span = (340, 440)
    r_uv: Span = (500, 2000)
    j_uv: Span = (-100, 150)
    t_uv: Span = (150, 600)
    rate: Span = (50, 85)
    s_share: tuple[float, float] = (0.05, 0.3)  # of R
    rows: Mapping[str, Pattern] = field(default_factory=dict)
    extra: tuple[Extra, ...] = ()
    atria: Literal["leading", "fibrillating", "dissociated"] = "leading"

    @cached_property
    def leads(self) -> Float[np.ndarray, "6 8"]:
        """Size of the six waves in the independent leads."""
        return np.array([self.rows.get(part, FIELD[part]) for part in PARTS])


KINDS: Mapping[str, Kind] = {
    "sinus": Kind("normal"),
    "af": Kind("af", atria="fibrillating"),
    "avb1": Kind("avb1", pr_ms=(210, 260)),
    # A junctional escape rhythm; the atria keep their own rate.
    "avb3": Kind("avb3", rate=(40, 55), atria="dissociated"),
    # No septal Q; broad notched R to the left, deep S to the right, ST and T against QRS. In V1
    # the smallest S (0.2 · 3 · 0.75 of R in V5) is three times the largest r (0.12 · 1.25), and the
    # late wave makes it deeper.
    "lbbb": Kind(
        "lbbb",
        qrs_ms=(130, 170),
        qt_ms=(390, 480),
        j_uv=(-150, 0),
        t_uv=(-500, -150),
        s_share=(0.2, 0.3),
        rows={
            "Q": (0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00),
            "R": (0.45, 0.70, 0.12, 0.35, 0.60, 1.00, 1.00, 0.80),
            "S": (0.00, 0.20, 3.00, 4.00, 2.50, 1.20, 0.10, 0.05),
            "ST": (0.70, 0.40, -1.5, -2.0, -1.2, 0.30, 1.00, 1.00),
            "T": (0.60, 0.40, -1.0, -1.3, -0.9, 0.30, 1.00, 1.00),
        },
        extra=(Extra("late", (0.6, 0.9), "R", (0.60, 0.40, -0.5, -0.6, -0.3, 0.40, 1.00, 1.00)),),
    ),
    # The right ventricle comes late: R' in V1, a wide S in I and V6, T in V1 against it.
    "rbbb": Kind(
        "rbbb",
        qrs_ms=(120, 160),
        qt_ms=(370, 460),
        rows={
            "S": (0.30, 0.50, 1.00, 1.80, 1.80, 1.40, 1.00, 0.80),
            "T": (0.50, 0.60, -0.7, -0.3, 0.90, 1.20, 1.00, 0.80),
        },
        extra=(Extra("late", (0.4, 0.9), "R", (-0.5, -0.2, 1.00, 0.60, 0.10, -0.2, -0.4, -0.5)),),
    ),
    # S in V1 is at least 0.2 · 2.5 · 0.75 of R: with 2600 µV the sum is at least 3575 µV.
    "lvh": Kind(
        "lvh",
        qrs_ms=(90, 125),
        r_uv=(2600, 4000),
        j_uv=(-150, -50),
        t_uv=(-450, -150),
        s_share=(0.2, 0.3),
        rows={
            "ST": (0.60, 0.30, -1.0, -1.2, -0.5, 0.50, 1.00, 1.00),
            "T": (0.60, 0.30, -0.8, -1.0, -0.4, 0.60, 1.00, 1.00),
        },
    ),
    "ami_st": Kind(
        "ami",
        extra=(Extra("st", (200.0, 500.0), "µV", (0.10, -0.1, 0.60, 1.00, 1.00, 0.80, 0.0, 0.0)),),
    ),
    "ami_q": Kind(
        "ami",
        qrs_ms=Q_QRS_MS,
        rows={
            "Q": (0.60, 0.40, 0.00, 0.00, 0.00, 0.30, 1.00, 1.00),
            "R": (0.45, 0.70, 0.00, 0.00, 0.05, 0.40, 1.00, 0.80),
            "T": (0.50, 0.60, -0.5, -0.8, -0.7, -0.3, 1.00, 0.70),
        },
        extra=(Extra("early", (-1.0, -0.7), "R", (0.0, 0.0, 0.7, 1.0, 0.8, 0.5, 0.0, 0.0)),),
    ),
    # I falls as II rises, so that III = II − I and aVF rise most.
    "imi_st": Kind(
        "imi",
        extra=(Extra("st", (150.0, 400.0), "µV", (-0.5, 1.00, -0.2, -0.4, -0.2, 0.0, 0.0, 0.0)),),
    ),
    "imi_q": Kind(
        "imi",
        qrs_ms=Q_QRS_MS,
        rows={
            "Q": (0.60, 0.00, -1.2, -1.5, -0.6, 0.30, 1.00, 1.00),
            "R": (0.60, 0.35, 0.15, 0.35, 0.60, 1.00, 1.00, 0.80),
            "T": (0.60, -0.2, -0.2, 0.90, 1.30, 1.30, 1.00, 0.70),
        },
        extra=(Extra("early", (-1.0, -0.7), "R", (-0.3, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)),),
    ),
}

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
        """True if a P wave leads each QRS complex."""
        return KINDS[self.kind].atria == "leading"

    @property
    def irregular(self) -> bool:
        """True if RR is irregular by the kind itself."""
        return KINDS[self.kind].atria == "fibrillating"

    @property
    def beating(self) -> Bool[np.ndarray, " wave"]:
        """Mask of the waves that repeat with each R peak."""
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

    def rows(self, *parts: str) -> list[int]:
        """Rows of `waves` and `field` that belong to these parts."""
        return [row for row, part in enumerate(self.parts) if part in parts]

    def _ends(self, wave: str) -> tuple[float, float]:
        """First onset and last offset of a wave; Q, R and S are parts of QRS."""
        rows = self.rows(*wave)
        on, off = self.waves[rows, 0].min(), self.waves[rows, 2].max()
        return float(on + R_INDEX), float(off + R_INDEX)
