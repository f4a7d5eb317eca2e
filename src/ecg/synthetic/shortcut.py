"""Planted shortcuts: signals at a known place that a network could use instead of the heart.

Networks have been found to use each of these: marks of the recording site (Zech et al. 2018),
padded edges, devices, missing leads, and labels that are correlated only in the training data.
"""

from dataclasses import dataclass, replace
from math import isnan
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool

from ..record import INDEPENDENT, LEADS, Record, from_eight, without_leads
from ..waves import FS_HZ, Segments
from .draw import with_pr
from .exact import r_peaks_of_beat
from .kinds import KINDS, MS, SHORTCUT, ExactParameters, stream

SHORTCUTS = ("none", "mains", "edge", "spike", "lead", "offset", "calibration", "tied")
# A loose electrode: mains only in V1, of a size that is visible on paper (0.5 mm).
MAINS_LEAD, MAINS_UV, MAINS_HZ = "V1", 50.0, 50.0
# The first 80 ms of every lead are padded with a constant.
EDGE, EDGE_UV = 40, 100.0  # samples, µV
# Two samples (a recorder spreads a pulse of 0.5 ms), 40 ms before P, outside the samples that
# decide PR; without a conducted P, 160 ms before QRS.
SPIKE_UV, BEFORE_P, BEFORE_QRS = (1000.0, -300.0), 20, 80
# Not V5, in which amplitudes are read.
OFF_LEAD = "V3"
# An amplifier raises its whole lead by 1 mm on paper.
OFFSET_LEAD, OFFSET_UV = "V2", 100.0
# 1 mV for 200 ms in all twelve leads, until 60 ms before the end of the signal: after T in a beat.
CALIBRATION, CALIBRATION_UV = slice(-130, -30), 1000.0
# Shortcuts that fill one lead.
LEAD_OF = {"mains": MAINS_LEAD, "lead": OFF_LEAD, "offset": OFFSET_LEAD}


@dataclass(frozen=True)
class Shortcut:
    """A planted shortcut that follows a label in a share `strength` of the ECGs.

    In these ECGs it is present exactly if the label is above its median; in the others, at random.
    "tied": in these ECGs PR has the rank within its range that the label has among ECGs; in the
    others PR is independent. Raises ValueError for an unknown name, or a strength that is no share.
    """

    name: str = "none"
    label: str = "qt"
    strength: float = 1.0

    def __post_init__(self) -> None:
        if self.name not in SHORTCUTS:
            raise ValueError(f"expected data.shortcut of {', '.join(SHORTCUTS)}, got {self.name!r}")
        if not 0 <= self.strength <= 1:
            raise ValueError(
                f"expected data.shortcut_strength as a share from 0 to 1, got {self.strength}"
            )
        if self.name == "tied" and self.label == "pr":
            raise ValueError(
                "expected data.shortcut_label to be another label than PR to tie it to"
            )

    def place(
        self, marks: Segments, length: int, r_peaks: np.ndarray | None = None
    ) -> Bool[np.ndarray, "12 length"]:
        """Mask of the place of the shortcut, present or not; empty for "none".

        Without `r_peaks` the signal is a median beat, otherwise a strip. The place of "tied" is
        where PR is decided: from the onset of P to the onset of QRS, in all leads.
        """
        mask = np.zeros((len(LEADS), length), bool)
        if self.name in LEAD_OF:
            mask[LEADS.index(LEAD_OF[self.name])] = True
        elif self.name == "edge":
            mask[:, : EDGE + 1] = True  # the step into the signal is part of it
        elif self.name == "calibration":
            mask[:, CALIBRATION.start - 1 : CALIBRATION.stop + 1] = True  # with both steps
        elif self.name == "spike":
            samples = _spike(marks)
            mask |= _laid(marks, samples[0], samples[-1], length, r_peaks)
        elif self.name == "tied" and not isnan(marks.p_on):
            mask |= _laid(marks, round(marks.p_on), round(marks.qrs_on), length, r_peaks)
        return mask


def _laid(
    marks: Segments, first: int, last: int, length: int, r_peaks: np.ndarray | None
) -> Bool[np.ndarray, " length"]:
    """Mask of the samples `first` … `last` of a beat, at each R peak."""
    mask = np.zeros(length, bool)
    for peak in (marks.r_peak,) if r_peaks is None else r_peaks:
        shift = int(peak) - marks.r_peak
        mask[max(first + shift, 0) : max(last + shift + 1, 0)] = True
    return mask


class Planted(NamedTuple):
    """State of a shortcut in one ECG: it follows the label, it is present."""

    follows: bool
    present: bool


def planted(shortcut: Shortcut, rank: float, seed: int, index: int) -> Planted:
    """State of the shortcut in ECG number `index`, whose label has this rank (NaN: no label)."""
    share, coin = stream(seed, index, SHORTCUT).random(2)
    follows = bool(share < shortcut.strength) and not isnan(rank)
    if shortcut.name == "tied":
        return Planted(follows, follows)
    return Planted(follows, bool(rank > 0.5) if follows else bool(coin < 0.5))


def tied(parameters: ExactParameters, rank: float) -> ExactParameters:
    """ECG with its PR at this rank of the range of its kind; unchanged without a P."""
    if not parameters.conducted:
        return parameters
    low, high = KINDS[parameters.kind].pr_ms
    return with_pr(parameters, round((low + rank * (high - low)) / MS))


def plant(record: Record, shortcut: Shortcut, parameters: ExactParameters) -> Record:
    """Record with the shortcut in its strip and in its given beat; labels stay true."""
    r_peaks = np.empty(0, int) if record.r_peaks is None else record.r_peaks
    phase = stream(parameters.seed, parameters.index, SHORTCUT).random(3)[2] * 2.0 * np.pi
    strip = _planted_in(record.signal, r_peaks, shortcut, parameters.marks, phase)
    if record.beat is None:
        return replace(record, signal=strip)
    peaks = r_peaks_of_beat(parameters)
    beat = _planted_in(record.beat, peaks, shortcut, parameters.marks, phase)
    return replace(record, signal=strip, beat=beat)


def _planted_in(
    signal: np.ndarray, r_peaks: np.ndarray, shortcut: Shortcut, marks: Segments, phase: float
) -> np.ndarray:
    if shortcut.name == "lead":
        return without_leads(signal, [OFF_LEAD])
    signal = signal.copy()
    if shortcut.name == "mains":
        angle = 2.0 * np.pi * MAINS_HZ / FS_HZ * np.arange(signal.shape[1])
        signal[LEADS.index(MAINS_LEAD)] += MAINS_UV * np.sin(angle + phase)
    elif shortcut.name == "edge":
        signal[:, :EDGE] = from_eight(np.full((len(INDEPENDENT), 1), EDGE_UV))
    elif shortcut.name == "offset":
        signal[LEADS.index(OFFSET_LEAD)] += OFFSET_UV
    elif shortcut.name == "calibration":
        signal[:, CALIBRATION] = CALIBRATION_UV
    elif shortcut.name == "spike":
        for peak in r_peaks:
            for sample, uv in zip(_spike(marks), SPIKE_UV, strict=True):
                if 0 <= (place := sample + int(peak) - marks.r_peak) < signal.shape[1]:
                    signal[:, place] += from_eight(np.full((len(INDEPENDENT), 1), uv))[:, 0]
    return signal


def _spike(marks: Segments) -> range:
    """Samples of the pacing spike in the beat."""
    first = marks.qrs_on - BEFORE_QRS if isnan(marks.p_on) else marks.p_on - BEFORE_P
    return range(round(first), round(first) + len(SPIKE_UV))
