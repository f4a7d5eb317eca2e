"""Doses of height on recordings: a wave is scaled over its own baseline, or a level is added.

A wave's baseline is the line between its ends in each lead; what is added or scaled fades in and
out by a cosine within the wave, so that no step is made. The lead in which µV are counted is the
one in which the label is read (V5), or the one in which the wave is usually largest.
"""

from collections.abc import Callable, Mapping
from math import isnan

import numpy as np
from ecglens.ecg import INDEPENDENT, KINDS, R_INDEX
from jaxtyping import Bool, Float
from scipy.ndimage import minimum_filter1d

from ..catalogue import INFERIOR, LATERAL, Dose
from .dose import Ecg, Edit, Unchangeable
from .timing import t_peak

# A smaller wave is mostly noise, which would be scaled with it.
LEAST_UV = {"p": 40.0, "q": 40.0, "r": 100.0, "s": 100.0, "t": 60.0}
# A lower or shorter deflection is no R wave: the smallest wave of IEC 60601-2-51 (annex GG). QS
# complexes of exact median beats with noise of 10 µV reach 29 µV.
LEAST_R_UV, LEAST_R = 30.0, 3  # µV for 6 ms, in samples
# A wave keeps its sign and is at most tripled: beyond, a recording shows more noise than wave.
FACTORS = (0.2, 3.0)
COUNTED_IN = {"p": "II", "q": "V6", "r": "V5", "s": "V2", "t": "V5"}
ENDS = 2  # samples on either side of an end of a wave over which its baseline is averaged
FADE = 6.0  # samples within which a change sets in
# A beat's J and ST are raised as those of exact ECGs: in V5 by the dose, elsewhere by these shares.
ST_LEADS = KINDS["sinus"].leads[4]
# Shares of the way from J to the T peak: up to the first a raised J stays, ST is raised most at it;
# at the second it is back at zero. The steep rise of T lies between both.
ST_TOP, ST_END = 0.5, 0.95
# Leads of a T in a territory; limb leads are turned into their own direction (`_limbs`).
CHEST = {"t_v5": ("V5",), "t_anterior": ("V1", "V2", "V3", "V4"), "t_lateral": ("V5", "V6")}


def edited(ecg: Ecg, dose: Dose, by: float) -> Edit:
    """ECG with a wave of each beat scaled or raised; Unchangeable where the wave is too small."""
    added = np.zeros_like(ecg.eight)
    more = ADDED[dose.name](ecg, by)
    for peak in ecg.peaks:
        added += more(int(peak) - R_INDEX)
    return Edit(ecg.eight + added)


# What a dose adds to the beat that begins at a sample.
More = Callable[[int], Float[np.ndarray, "8 time"]]


def _scaled(wave: str) -> Callable[[Ecg, float], More]:
    """Adds to every lead the share of its wave that makes `by` µV in the lead that is counted."""

    def prepare(ecg: Ecg, by: float) -> More:
        part = _part(ecg, wave)
        # In a strip the beat in the middle is looked at.
        typical = part(int(ecg.peaks[len(ecg.peaks) // 2]) - R_INDEX)
        lead = typical[INDEPENDENT.index(COUNTED_IN[wave])]
        # T counts with its sign, as the label does; a Q or S is counted by its depth.
        height = float(lead[np.argmax(np.abs(lead))])
        if abs(height) < LEAST_UV[wave]:
            raise Unchangeable(
                f"{wave.upper()} is below {LEAST_UV[wave]:g} µV in {COUNTED_IN[wave]}"
            )
        share = by / (abs(height) if wave in "qs" else height)
        if not FACTORS[0] <= 1 + share <= FACTORS[1]:
            raise Unchangeable(
                f"{wave.upper()} in {COUNTED_IN[wave]} would be turned over or more than tripled"
            )
        return lambda at: share * part(at)

    return prepare


def _part(ecg: Ecg, wave: str) -> More:
    """P or T; of QRS the positive waves (R), or the negative ones before (Q) or behind (S) R."""
    if wave in "pt":
        return lambda at: _wave(ecg, wave, at)
    if wave == "r":
        return lambda at: np.maximum(_wave(ecg, wave, at), 0.0)
    without_r, samples = _without_r(ecg), np.arange(ecg.eight.shape[1])

    def more(at: int) -> Float[np.ndarray, "8 time"]:
        qrs = _wave(ecg, wave, at)
        # A complex without R is a Q, of which noise would make Q and S.
        before = without_r | (samples < qrs.argmax(axis=1)[:, None])
        return np.where(before == (wave == "q"), np.minimum(qrs, 0.0), 0.0)

    return more


def _without_r(ecg: Ecg) -> Bool[np.ndarray, "8 1"]:
    """True for each lead whose median beat has no R above the level before QRS and the line to J.

    A low J alone lifts the start of QRS above that line, and a raised one the end above the level.
    """
    first, last = round(ecg.marks.qrs_on) - ENDS, round(ecg.marks.qrs_off) + ENDS
    starts = ecg.peaks - R_INDEX
    whole = starts[(starts >= -first) & (starts < ecg.eight.shape[1] - last)].tolist()
    beats = np.stack([ecg.eight[:, first + at : last + at + 1] for at in whole])
    qrs = np.median(beats - beats[:, :, : 2 * ENDS + 1].mean(axis=2, keepdims=True), axis=0)
    line = np.linspace(0.0, _level(qrs, qrs.shape[1])[:, 0], qrs.shape[1] - 2 * ENDS, axis=1)
    held = minimum_filter1d(qrs[:, ENDS:-ENDS] - np.maximum(line, 0.0), LEAST_R, axis=1)
    return held.max(axis=1, keepdims=True) < LEAST_R_UV


def _territory(name: str) -> Callable[[Ecg, float], More]:
    def prepare(ecg: Ecg, by: float) -> More:
        def more(at: int) -> Float[np.ndarray, "8 time"]:
            wave = _wave(ecg, "t", at)
            found = np.zeros_like(wave)
            for lead in CHEST.get(name, ()):
                found[INDEPENDENT.index(lead)] = wave[INDEPENDENT.index(lead)]
            if name == LATERAL:
                found[0], found[1] = wave[0], wave[0] / 2  # aVF = II − I/2 stays
            if name == INFERIOR:
                found[1] = wave[1] - wave[0] / 2  # aVF; I stays
            return by / 100.0 * found

        return more

    return prepare


def _wave(ecg: Ecg, wave: str, at: int) -> Float[np.ndarray, "8 time"]:
    """P, T or else all of QRS over its baseline, zero outside; its beat begins at `at`."""
    marks, length = ecg.marks, ecg.eight.shape[1]
    on, off = {"p": (marks.p_on, marks.p_off), "t": (marks.t_on, marks.t_off)}.get(
        wave, (marks.qrs_on, marks.qrs_off)
    )
    first, last = round(on) + at, round(off) + at
    found = np.zeros_like(ecg.eight)
    if last - ENDS <= 0 or first + ENDS >= length - 1 or last - first < 2 * FADE:
        return found
    inside = np.arange(max(first, 0), min(last, length - 1) + 1)
    # Of a wave that the window cuts, only one end is there.
    left = _level(ecg.eight, first if first >= 0 else last)
    right = _level(ecg.eight, last if last < length else first)
    share = (inside - first) / (last - first)
    above = ecg.eight[:, inside] - (left * (1 - share) + right * share)
    found[:, inside] = above * faded(inside, first, last)
    return found


def _level(eight: Float[np.ndarray, "8 time"], place: int) -> Float[np.ndarray, "8 1"]:
    place = min(max(place, ENDS), eight.shape[1] - 1 - ENDS)
    return eight[:, place - ENDS : place + ENDS + 1].mean(axis=1, keepdims=True)


def faded(samples: Float[np.ndarray, " time"], first: float, last: float) -> np.ndarray:
    """Window that is 1 between two samples and falls to 0 at both within FADE samples."""
    near = np.clip(np.minimum(samples - first, last - samples) / FADE, 0.0, 1.0)
    return 0.5 - 0.5 * np.cos(np.pi * near)


def bump(
    samples: Float[np.ndarray, " time"], on: float, peak: float, off: float, stays: float = 0.0
) -> Float[np.ndarray, " time"]:
    """Raised cosine of height 1 at `peak` and `stays` samples on, zero at and outside its ends."""
    rising = (peak - samples) / (peak - on)
    falling = (samples - peak - stays) / (off - peak - stays)
    return 0.5 + 0.5 * np.cos(np.pi * np.clip(np.maximum(rising, falling), 0.0, 1.0))


def _raised(with_j: bool) -> Callable[[Ecg, float], More]:
    """Raises J and ST, which then set in before J, or ST alone."""

    def prepare(ecg: Ecg, by: float) -> More:
        j, peak = ecg.marks.qrs_off, t_peak(ecg)
        if isnan(peak) or peak - j < 4 * FADE:
            raise Unchangeable("no ST segment before the peak of T")
        top, end = (j + share * (peak - j) for share in (ST_TOP, ST_END))
        samples = np.arange(ecg.eight.shape[1])

        def more(at: int) -> Float[np.ndarray, "8 time"]:
            if with_j:
                shape = bump(samples - at, min(R_INDEX + 5.0, j - FADE), j, end, stays=top - j)
            else:
                shape = bump(samples - at, j, top, end)
            return by * ST_LEADS[:, None] * shape

        return more

    return prepare


ADDED: Mapping[str, Callable[[Ecg, float], More]] = {
    **{wave: _scaled(wave) for wave in COUNTED_IN},
    **{name: _territory(name) for name in (*CHEST, INFERIOR)},
    "j": _raised(with_j=True),
    "st": _raised(with_j=False),
}
