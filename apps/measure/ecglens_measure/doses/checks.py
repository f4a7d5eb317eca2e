"""An edit of a recording is measured again, and refused if it is not what it says.

The limits were fixed before this program edited any recording, from a trial of other ways to edit:
half a sample of shift alone moves our own reading by 2 ms or 10 µV in a sixth of the beats, and a
wave that is added on top leaves a notch that no label shows.
"""

from collections.abc import Mapping
from math import isnan

import numpy as np
from ecglens.ecg import Segments, filtered
from jaxtyping import Float
from scipy.signal import find_peaks

from ..catalogue import Dose
from .dose import MS, Edit, Unchangeable

# The intended change may miss by this or by the share of the dose, whichever is more.
MISS, MISS_SHARE = {"ms": 4.0, "µV": 25.0}, 0.15
LABELS = ("pr", "qrs", "qt", "r", "j", "t", "rate", "p_duration")
# A label that the dose holds may move by as much.
UNITS = {"pr": "ms", "qrs": "ms", "qt": "ms", "p_duration": "ms", "r": "µV", "j": "µV", "t": "µV"}
# A turning point above this prominence is new if none of its kind, above a third of it (a wave may
# be tripled), was where it comes from, or near: as many samples around the level part it lies on.
NOTCH_UV, KNOWN_UV, NEAR = 15.0, 5.0, 8.0  # µV, µV, samples
NOTCH_HZ = 40.0  # without muscle, which turns at every sample


def with_p(labels: Mapping[str, float], marks: Segments) -> dict[str, float]:
    """Labels with the duration of P in ms."""
    return {**labels, "p_duration": (marks.p_off - marks.p_on) * MS}


def moved(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Change of each label; NaN where one of both is missing."""
    return {name: after.get(name, np.nan) - before[name] for name in before}


def check(dose: Dose, by: float, change: Mapping[str, float]) -> None:
    """Unchangeable if the measured change is not the intended one, or a held label moved."""
    aim = dose.label or dose.name
    if aim in UNITS:
        if isnan(change.get(aim, np.nan)):
            raise Unchangeable(f"{_word(aim)} cannot be measured")
        if abs(change[aim] - by) > max(MISS[UNITS[aim]], MISS_SHARE * abs(by)):
            raise Unchangeable(f"{_word(aim)} missed the intended change")
    for name in dose.holds:
        if abs(change.get(name, np.nan)) > MISS[UNITS[name]]:  # False for NaN
            raise Unchangeable(f"{_word(name)} moved too")


def check_turns(before: Float[np.ndarray, "lead time"], edit: Edit) -> None:
    """Unchangeable if a lead turns where it did not turn before: a notch or a second wave.

    A new turn is one in the time of the changed ECG and in that of the original: a stretch makes
    waves of noise in the first, and interpolation of what was squeezed does in the second.
    """
    tau = np.arange(before.shape[1]) if edit.tau is None else edit.tau
    if not _turns(before, edit.eight, tau):
        return
    if edit.tau is not None:
        first, last = max(tau[0], 0), min(tau[-1], before.shape[1] - 1)
        there = np.arange(np.ceil(first), np.floor(last) + 1)
        places = np.interp(there, tau, np.arange(len(tau)))
        back = np.stack([np.interp(places, np.arange(len(tau)), lead) for lead in edit.eight])
        if not _turns(before, back, there):
            return
    raise Unchangeable("a new turn of the signal, as a notch")


def _turns(
    before: Float[np.ndarray, "lead time"],
    after: Float[np.ndarray, "lead new_time"],
    tau: Float[np.ndarray, " new_time"],
) -> bool:
    """True if a lead of `after` turns where `before` does not, at the samples `tau` of it."""
    was, now = filtered(before, high_hz=NOTCH_HZ), filtered(after, high_hz=NOTCH_HZ)
    for old, new in zip(was, now, strict=True):
        for sign in (1.0, -1.0):
            known = find_peaks(sign * old, prominence=KNOWN_UV)[0]
            for turn in find_peaks(sign * new, prominence=NOTCH_UV)[0]:
                low, high = tau[_level_around(new, turn)] + [-NEAR, NEAR]
                # A turn at the ends was not seen before, or only in part.
                inside = low > 0 and high < before.shape[1] - 1
                if inside and not ((known >= low) & (known <= high)).any():
                    return True
    return False


def _level_around(lead: Float[np.ndarray, " time"], turn: int) -> list[int]:
    """First and last sample around a turn that stay within its prominence: a line turns nowhere."""
    away = np.flatnonzero(np.abs(lead - lead[turn]) > NOTCH_UV)
    place = int(np.searchsorted(away, turn))
    first = away[place - 1] + 1 if place else 0
    last = away[place] - 1 if place < len(away) else len(lead) - 1
    return [int(first), int(last)]


def _word(label: str) -> str:
    return label.upper() if len(label) < 4 else "the duration of P"
