"""Leads that are not what their names say: inconsistent limb leads, exchanged electrodes."""

import numpy as np
from jaxtyping import Float

from .filters import filtered, resampled
from .record import COMPLETION, FOLLOWING, INDEPENDENT, INDEPENDENT_INDEX, LEADS, Record
from .waves import pieces

# RMS of the difference between 0.5 and 40 Hz. Of 104 strips of six sources with one gain for all
# leads, steps of 5 µV leave 2 µV, and filters of each lead by itself at most 9 µV, which is 4 % of
# the largest limb lead. In LUDB, whose leads each have a gain of their own, it is 24 % and more.
OFF_UV, OFF_SHARE = 10.0, 0.1
BAND_HZ = (0.5, 40.0)


def inconsistent_leads(record: Record) -> tuple[str, ...]:
    """Leads of III, aVR, aVL and aVF that contradict I and II; none where I or II is missing.

    By the equations of Einthoven (1908) and Goldberger (1942). A lead that contradicts them has
    another name, sign or gain than the file says; so has I or II where all four do.
    """
    signal = record.signal.astype(float)
    if (np.ptp(signal[:2], axis=1) == 0.0).any():
        return ()
    off = signal[FOLLOWING] - (COMPLETION @ signal[list(INDEPENDENT_INDEX)])[FOLLOWING]
    if (off.std(axis=1) <= OFF_UV).all():
        return ()
    off, limbs = (
        np.sqrt(np.mean(filtered(resampled(each, record.fs), *BAND_HZ) ** 2, axis=1))
        for each in (off, signal[:6])
    )
    wrong = off > max(OFF_UV, OFF_SHARE * limbs.max())
    return tuple(lead for lead, is_off in zip(LEADS[FOLLOWING], wrong, strict=True) if is_off)


# Leads I and V6 see the heart from the left: over a strip their correlation is 0.22 or more in all
# records of LUDB in tests/data. If the electrodes of both arms are exchanged, I changes its sign.
SWAPPED = -0.4


def arms_exchanged(banded: Float[np.ndarray, "8 time"]) -> bool:
    """True if I sees the heart from the side opposite to V6; leads from 0.5 to 40 Hz."""
    return bool(np.corrcoef(banded[0], banded[-1])[0, 1] < SWAPPED)


CHEST = slice(2, 8)  # V1 … V6 of the independent leads
# How much shorter the way from V1 to V6 has to get, where two neighbours at right angles are √2
# apart. Chosen on LUDB and 600 generated ECGs (docs/labels.md).
SHORTER = 0.15
# Least correlation of an exchanged lead with a neighbour in its new place: noise has none anywhere.
RELATED = 0.3


def chest_exchanged(banded: Float[np.ndarray, "8 time"]) -> tuple[str, ...]:
    """The two neighbouring chest leads that may be exchanged, or none; leads from 0.5 to 40 Hz.

    Neighbouring chest leads resemble each other. Each lead is a point on a sphere (its signal at
    unit length); if an exchange of two neighbours makes the way V1 → V2 … → V6 through these points
    shorter, their electrodes or names may be exchanged. Departure from Kors and van Herpen (2001),
    who reconstruct each lead from the others: there are no coefficients to learn.
    """
    chest = pieces(banded[CHEST])
    chest = chest - chest.mean(axis=-1, keepdims=True)
    chest /= np.maximum(np.linalg.norm(chest, axis=-1, keepdims=True), np.finfo(float).tiny)
    alike = np.median(np.einsum("apt,bpt->pab", chest, chest), axis=0)
    apart = np.sqrt(2.0 * np.maximum(1.0 - alike, 0.0))
    ways = np.tile(np.arange(len(chest)), (len(chest), 1))  # the usual one, then each exchange
    for left in range(len(chest) - 1):
        ways[left + 1, [left, left + 1]] = left + 1, left
    lengths = apart[ways[:, :-1], ways[:, 1:]].sum(axis=1)
    related = [_related(alike[np.ix_(way, way)], left) for left, way in enumerate(ways[1:])]
    gain = np.where(related, lengths[0] - lengths[1:], 0.0)
    left = int(gain.argmax())
    return INDEPENDENT[CHEST][left : left + 2] if gain[left] > SHORTER else ()


def _related(alike: Float[np.ndarray, "6 6"], left: int) -> bool:
    """True if both exchanged leads resemble a neighbour; `alike` is in the new order."""
    beside = [
        [alike[place, near] for near in (place - 1, place + 1) if 0 <= near < len(alike)]
        for place in (left, left + 1)
    ]
    return all(max(each) >= RELATED for each in beside)
